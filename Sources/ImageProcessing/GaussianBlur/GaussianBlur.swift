// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

public import Arrays

/// A Gaussian blur of a slice, equal to OpenCV's `GaussianBlur` with its default border.
///
/// Whole-number slices are blurred in fixed point (8 fractional bits for `uint8`, 16 for `uint16`),
/// the kernel's rounding errors diffused from its ends to its centre so that it sums to 1; the sum
/// of products is rounded once, half up. Beyond its border the slice is mirrored, the border
/// pixels not repeated.
public struct GaussianBlur: Codable, Hashable, Sendable {
  /// How many pixels wide and high the kernel is; odd.
  public let size: Int

  /// The standard deviation in pixels.
  public let sigma: Double

  /// - Precondition: An odd positive size below 256 and a positive, finite sigma.
  public init(size: Int = 3, sigma: Double = 0.5) {
    precondition(size > 0 && size < 256 && size % 2 == 1, "a blur's size is odd")
    precondition(sigma > 0 && sigma.isFinite, "a blur's sigma is positive")
    self.size = size
    self.sigma = sigma
  }

  /// Refuses values that a file cannot mean.
  ///
  /// - Throws: `DecodingError` if the initialiser's precondition does not hold.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    size = try values.decode(Int.self, forKey: .size)
    sigma = try values.decode(Double.self, forKey: .sigma)
    guard (1..<256).contains(size), size % 2 == 1, sigma > 0, sigma.isFinite else {
      throw DecodingError.dataCorruptedError(
        forKey: .size, in: values,
        debugDescription: "a blur needs an odd size below 256 and a positive sigma")
    }
  }

  /// The blurred slice.
  ///
  /// - Parameter slice: Of shape [y, x], `uint8`, `uint16` or `float32`.
  /// - Returns: A slice of the same shape and type.
  /// - Precondition: `slice` has two axes and one of the three types.
  /// - Complexity: O(pixels × size).
  public func applied(to slice: NDArray) -> NDArray {
    precondition(slice.rank == 2, "a blur works on slices [y, x]")
    if slice.extent.isEmpty { return slice }
    switch slice.dataType {
    case .uint8: return blurred(slice, as: UInt8.self, kernel: kernel(fractionBits: 8), shift: 16)
    case .uint16: return blurred(slice, as: UInt16.self, kernel: kernel(fractionBits: 16), shift: 32)
    case .float32: return blurred(slice, kernel: kernel.map(Float.init))
    default: preconditionFailure("a blur works on uint8, uint16 and float32, not on \(slice.dataType)")
    }
  }

  /// The kernel; sums to 1.
  var kernel: [Double] {
    let weights = (0..<size).map { index in
      let distance = Double(index) - Double(size - 1) / 2
      return exp(-distance * distance / (2 * sigma * sigma))
    }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  /// The kernel in units of 2^-`fractionBits`; sums to 2^`fractionBits`.
  func kernel(fractionBits: Int) -> [UInt64] {
    let one = Double(1 << fractionBits)
    var result = [UInt64](repeating: 0, count: size)
    var error = 0.0
    var rest = UInt64(1) << UInt64(fractionBits)
    for index in 0..<size / 2 {
      let wanted = kernel[index] * one + error
      let weight = wanted.rounded(.toNearestOrEven)
      error = wanted - weight
      result[index] = UInt64(weight)
      result[size - 1 - index] = UInt64(weight)
      rest -= 2 * UInt64(weight)
    }
    result[size / 2] = rest
    return result
  }
}
