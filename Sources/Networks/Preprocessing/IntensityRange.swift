// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// Which values of an image become 0 and 255; those between are mapped linearly.
///
/// One range for a whole version, from its histogram, so that a voxel's 8-bit value does not depend
/// on the slice or block in which it is met.
public struct IntensityRange: Codable, Hashable, Sendable {
  /// The value that becomes 0.
  public let low: Double
  /// The value that becomes 255.
  public let high: Double

  /// - Precondition: Both are finite, `low` below `high`.
  public init(low: Double, high: Double) {
    precondition(low < high && low.isFinite && high.isFinite, "a range has a low and a high end")
    self.low = low
    self.high = high
  }

  /// The values below which the two shares of all voxels lie.
  ///
  /// - Parameters:
  ///   - histogram: How often each value occurs, in any order.
  ///   - percentiles: Two shares between 0 and 1.
  public init(histogram: [(value: Double, count: Int)], percentiles: [Double]) {
    let sorted = histogram.filter { $0.count > 0 && $0.value.isFinite }
      .sorted { $0.value < $1.value }
    let total = sorted.reduce(0) { $0 + $1.count }
    func value(at share: Double) -> Double {
      let wanted = share * Double(total)
      var below = 0
      for (value, count) in sorted {
        below += count
        if Double(below) >= wanted && below > 0 { return value }
      }
      return sorted.last?.value ?? 0
    }
    let low = value(at: percentiles.first ?? 0)
    self.init(low: low, high: max(value(at: percentiles.last ?? 1), low.nextUp))
  }

  /// The array as `uint8`, rounded half to even and clipped; NaN becomes 0.
  public func mapped(_ array: NDArray) -> NDArray {
    mapped(array, array.dataType.elementType)
  }

  private func mapped<Element: ArrayElement>(_ array: NDArray, _: Element.Type) -> NDArray {
    let width = high - low
    var result = NDArray(.uint8, array.extent)
    array.withSpan(of: Element.self) { source in
      result.withMutableSpan(of: UInt8.self) { target in
        for index in source.indices {
          target[index] = UInt8(nearest: (source[index].doubleValue - low) * 255 / width)
        }
      }
    }
    return result
  }
}
