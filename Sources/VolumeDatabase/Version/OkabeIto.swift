// SPDX-License-Identifier: Apache-2.0

/// The colours of Okabe and Ito, which people with any colour vision can tell apart
/// (https://jfly.uni-koeln.de/color/).
public enum OkabeIto {
  /// Orange, sky blue, bluish green, yellow, blue, vermilion, reddish purple.
  public static let cycle: [[UInt8]] = [
    [230, 159, 0], [86, 180, 233], [0, 158, 115], [240, 228, 66], [0, 114, 178], [213, 94, 0],
    [204, 121, 167],
  ]

  /// The red, green and blue of a colour written as `#0072B2`.
  public static func rgb(_ text: String) -> [UInt8]? {
    guard text.utf8.count == 7, text.hasPrefix("#"), let value = UInt32(text.dropFirst(), radix: 16) else {
      return nil
    }
    return [value >> 16, value >> 8, value].map { UInt8(truncatingIfNeeded: $0) }
  }
}
