// SPDX-License-Identifier: Apache-2.0

/// An amount of memory as people write it: `2GiB`, `800MB`, or plain bytes.
public struct ByteCount: Hashable, Sendable {
  /// At least 0.
  public let bytes: Int

  private static let units: [(String, Int)] = [
    ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1 << 40), ("kb", 1000),
    ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000), ("b", 1), ("", 1),
  ]

  /// Reads an amount; `nil` if it is none.
  public init?(parsing text: String) {
    let text = text.lowercased().filter { $0 != " " }
    for (unit, size) in Self.units where text.hasSuffix(unit) {
      guard let number = Double(text.dropLast(unit.count)), number > 0, number * Double(size) < 1e15 else {
        return nil
      }
      bytes = Int(number * Double(size))
      return
    }
    return nil
  }
}
