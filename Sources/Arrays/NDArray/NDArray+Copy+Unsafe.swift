// SPDX-License-Identifier: Apache-2.0

extension NDArray {
  /// The part of this array inside `box`.
  ///
  /// - Precondition: `box` lies inside the array.
  public func cropped(to box: Box) -> NDArray {
    var (result, _) = NDArray.unfilled(dataType, box.extent)
    result.copy(box, of: self, to: [Int](repeating: 0, count: rank))
    return result
  }

  /// Copies the elements of `box` from `source` so that its first element comes to `position`.
  ///
  /// - Precondition: Equal types and ranks; `box` lies inside `source`, its image inside `self`.
  public mutating func copy(_ box: Box, of source: NDArray, to position: [Int]) {
    precondition(dataType == source.dataType, "arrays of one type")
    precondition(Box(source.extent).contains(box), "the copied box lies inside the source")
    precondition(
      Box(extent).contains(Box(origin: position, extent: box.extent)),
      "the copied box lies inside the target")
    let target = StridedBytes(extent: extent, elementBytes: dataType.byteCount)
    let origin = StridedBytes(extent: source.extent, elementBytes: dataType.byteCount)
    // SAFETY: both boxes were checked to lie inside their arrays.
    unsafe withMutableBytes { bytes in
      unsafe source.withBytes { sourceBytes in
        unsafe copyStrided(
          box.extent, from: sourceBytes, origin, at: box.origin, to: bytes, target, at: position)
      }
    }
  }
}
