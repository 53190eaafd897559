// SPDX-License-Identifier: Apache-2.0

import Arrays

/// A slice of an image as gray values of 8 bits.
struct GrayPicture {
  /// `uint8` of shape [y, x].
  let picture: NDArray

  /// 8-bit slices stay as they are; any other is stretched from a range of values to 0 … 255.
  ///
  /// - Parameters:
  ///   - slice: Of shape [y, x].
  ///   - range: The values that become black and white; `nil` takes the slice's own.
  init(_ slice: NDArray, range: ClosedRange<Double>?) {
    if slice.dataType == .uint8 || slice.dataType == .bool {
      picture = slice
      return
    }
    picture = Self.stretched(slice.dataType.elementType, slice, range)
  }

  private static func stretched<Element: ArrayElement>(
    _: Element.Type, _ slice: NDArray, _ range: ClosedRange<Double>?
  ) -> NDArray {
    slice.withSpan(of: Element.self) { values in
      var (low, high) = (range?.lowerBound ?? .infinity, range?.upperBound ?? -.infinity)
      if range == nil {
        for place in values.indices where values[place].doubleValue.isFinite {
          low = min(low, values[place].doubleValue)
          high = max(high, values[place].doubleValue)
        }
      }
      let scale = high > low ? 255 / (high - low) : 0
      return NDArray(
        values.indices.map { UInt8(nearest: (values[$0].doubleValue - low) * scale) }, slice.extent)
    }
  }
}
