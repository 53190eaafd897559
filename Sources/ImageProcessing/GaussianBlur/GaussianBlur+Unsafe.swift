// SPDX-License-Identifier: Apache-2.0

import Arrays

extension GaussianBlur {
  /// Blurs whole numbers in fixed point: rows first, then columns, one rounding at the end.
  @inline(__always)
  func blurred<Element: ArrayElement & FixedWidthInteger & UnsignedInteger>(
    _ slice: NDArray, as type: Element.Type, kernel: [UInt64], shift: UInt64
  ) -> NDArray {
    let half = UInt64(1) << (shift - 1)
    return blurred(slice, as: type, kernel: kernel, zero: 0) {
      UInt64($0)
    } add: {
      $0 &+ $1 &* $2
    } finish: {
      Element(truncatingIfNeeded: ($0 &+ half) &>> shift)
    }
  }

  func blurred(_ slice: NDArray, kernel: [Float]) -> NDArray {
    blurred(slice, as: Float.self, kernel: kernel, zero: 0) {
      $0
    } add: {
      $0 + $1 * $2
    } finish: {
      $0
    }
  }

  @inline(__always)
  private func blurred<Element: ArrayElement, Sum>(
    _ slice: NDArray, as type: Element.Type, kernel: [Sum], zero: Sum, widen: (Element) -> Sum,
    add: (Sum, Sum, Sum) -> Sum, finish: (Sum) -> Element
  ) -> NDArray {
    let (height, width, reach) = (slice.extent[0], slice.extent[1], size / 2)
    var result = NDArray(slice.dataType, slice.extent)
    // The last `size` rows, blurred along x; row y is kept at y modulo `size`.
    var rows = [Sum](repeating: zero, count: size * width)
    let columns = (-reach..<width + reach).map { reflected($0, in: width) }
    // SAFETY: `reflected` gives rows and columns inside the slice; kept rows are `size` of `width`.
    unsafe slice.withElements(of: type) { source in
      unsafe result.withMutableElements(of: type) { target in
        unsafe rows.withUnsafeMutableBufferPointer { rows in
          var next = -reach
          for y in 0..<height {
            while next <= y + reach {
              let from = reflected(next, in: height) * width
              let to = (next + reach) % size * width
              for x in 0..<width {
                var sum = zero
                for tap in 0..<size {
                  sum = unsafe add(sum, widen(source[from + columns[x + tap]]), kernel[tap])
                }
                unsafe rows[to + x] = sum
              }
              next += 1
            }
            for x in 0..<width {
              var sum = zero
              for tap in 0..<size {
                sum = unsafe add(sum, rows[(y + tap) % size * width + x], kernel[tap])
              }
              unsafe target[y * width + x] = finish(sum)
            }
          }
        }
      }
    }
    return result
  }
}
