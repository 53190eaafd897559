// SPDX-License-Identifier: Apache-2.0

/// The name of a dataset, a volume or a model: what may become a folder's name, and nothing else.
///
/// `[A-Za-z0-9][A-Za-z0-9_.-]*`, at most ``longest`` characters, with a letter, not `zarr.json`.
/// Names of one kind are unique without regard to case; see ``folded``.
public struct ObjectName: Hashable, Sendable {
  /// The most characters a name has.
  public static let longest = 100

  /// The name as the person wrote it.
  public let text: String

  /// The name as it is compared: two names that differ only in case are one.
  public var folded: String { text.lowercased() }

  /// - Parameter noun: What is named, for the error: "dataset", "volume" or "model".
  /// - Throws: ``DatabaseError/badName(_:noun:)``.
  public init(_ text: String, noun: String) throws(DatabaseError) {
    guard Self.isName(text) else { throw .badName(text, noun: noun) }
    self.text = text
  }

  /// Whether a text keeps to the rules.
  static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= longest, text.lowercased() != "zarr.json" else {
      return false
    }
    return (isLetter(first) || isDigit(first)) && bytes.contains(where: isLetter)
      && bytes.allSatisfy { isLetter($0) || isDigit($0) || [0x5F, 0x2E, 0x2D].contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension ObjectName: CustomStringConvertible {
  public var description: String { text }
}
