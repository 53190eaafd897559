// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// A slice on a grid of another number of pixels over the same field.
///
/// Shrinking by ``Interpolation/area`` equals OpenCV's `INTER_AREA` to the bit, and
/// ``Interpolation/linear`` OpenCV's `INTER_LINEAR` within one gray value; unlike OpenCV's
/// `INTER_NEAREST`, ``Interpolation/nearest`` aligns pixel centres, as the other two do.
///
/// - Parameters:
///   - slice: Of shape [y, x]; `uint8`, `uint16` or `float32`, any type with
///     ``Interpolation/nearest``.
///   - extent: The new shape [y, x].
/// - Returns: A slice of shape `extent` and the same type; whole numbers rounded half to even.
/// - Precondition: Two axes, a type as above, and no empty source for a result that is not.
/// - Complexity: O(pixels of the larger of the two).
public func resized(_ slice: NDArray, to extent: Extent, by interpolation: Interpolation) -> NDArray {
  precondition(slice.rank == 2 && extent.rank == 2, "slices [y, x] are resized")
  if slice.extent == extent { return slice }
  if extent.isEmpty { return NDArray(slice.dataType, extent) }
  precondition(!slice.extent.isEmpty, "an empty slice has nothing to enlarge")
  if interpolation == .nearest { return resizedNearest(slice, to: extent) }
  switch slice.dataType {
  case .uint8: return resizedWeighted(slice, to: extent, by: interpolation, as: UInt8.self)
  case .uint16: return resizedWeighted(slice, to: extent, by: interpolation, as: UInt16.self)
  case .float32: return resizedWeighted(slice, to: extent, by: interpolation, as: Float.self)
  default:
    preconditionFailure(
      "\(slice.dataType) is resized by nearest only: means exist for uint8, uint16, float32")
  }
}

private func resizedNearest(_ slice: NDArray, to extent: Extent) -> NDArray {
  let rows = nearestSources(from: slice.extent[0], to: extent[0])
  let columns = nearestSources(from: slice.extent[1], to: extent[1])
  switch slice.dataType.byteCount {
  case 1: return gathered(slice, rows: rows, columns: columns, word: UInt8.self)
  case 2: return gathered(slice, rows: rows, columns: columns, word: UInt16.self)
  case 4: return gathered(slice, rows: rows, columns: columns, word: UInt32.self)
  default: return gathered(slice, rows: rows, columns: columns, word: UInt64.self)
  }
}

@inline(__always)
private func resizedWeighted<Element: ArrayElement>(
  _ slice: NDArray, to extent: Extent, by interpolation: Interpolation, as type: Element.Type
) -> NDArray {
  let (rowFactor, columnFactor) = (slice.extent[0] / extent[0], slice.extent[1] / extent[1])
  let whole = rowFactor * extent[0] == slice.extent[0] && columnFactor * extent[1] == slice.extent[1]
  if interpolation == .area && whole {
    return boxMeans(slice, to: extent, factors: (rowFactor, columnFactor), as: type)
  }
  return weighted(
    slice, to: extent, rows: weights(interpolation, slice.extent[0], extent[0]),
    columns: weights(interpolation, slice.extent[1], extent[1]), as: type)
}

private func weights(_ interpolation: Interpolation, _ source: Int, _ target: Int) -> AxisWeights {
  interpolation == .area && target <= source
    ? AxisWeights(areaFrom: source, to: target) : AxisWeights(linearFrom: source, to: target)
}
