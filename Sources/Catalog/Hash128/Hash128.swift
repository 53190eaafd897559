// SPDX-License-Identifier: Apache-2.0

/// The 128 bits of an XXH3-128 hash.
public struct Hash128: Hashable, Sendable {
  /// Bits 127 to 64.
  public let high: UInt64
  /// Bits 63 to 0.
  public let low: UInt64

  /// A hash of its two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A hash of its 16 bytes, the most significant first (XXH3's canonical form); `nil` for another
  /// number of bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    var halves: [UInt64] = [0, 0]
    for (index, byte) in bytes.enumerated() {
      halves[index / 8] = halves[index / 8] << 8 | UInt64(byte)
    }
    self.init(high: halves[0], low: halves[1])
  }

  /// A hash of its 32 hexadecimal digits; `nil` for anything else.
  public init?(hexadecimal text: String) {
    guard text.utf8.count == 32, text.allSatisfy(\.isHexDigit),
      let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  /// The 16 bytes, the most significant first.
  public var bytes: [UInt8] {
    [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) } }
  }
}

extension Hash128: CustomStringConvertible {
  /// 32 hexadecimal digits in lower case.
  public var description: String {
    [high, low].map { half in
      let digits = String(half, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
