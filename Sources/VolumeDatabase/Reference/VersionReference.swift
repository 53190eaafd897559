// SPDX-License-Identifier: Apache-2.0

/// Which version of a volume: `dataset/volume@3`, or `dataset/volume` for the latest committed one.
public struct VersionReference: Hashable, Sendable {
  /// The volume.
  public let volume: VolumeReference
  /// The version's number, from 1; `nil` is the latest committed one.
  public let number: Int?

  /// - Precondition: `number` is positive.
  public init(volume: VolumeReference, number: Int? = nil) {
    precondition(number ?? 1 > 0, "versions are numbered from 1")
    self.volume = volume
    self.number = number
  }

  /// Reads `dataset/volume` or `dataset/volume@3`.
  ///
  /// - Throws: ``DatabaseError/badReference(_:expected:)`` or ``DatabaseError/badName(_:noun:)``.
  public init(parsing text: String) throws(DatabaseError) {
    let (name, number) = try splitNumber(text, expected: "dataset/volume or dataset/volume@3")
    self.init(volume: try VolumeReference(parsing: name), number: number)
  }
}

extension VersionReference: CustomStringConvertible {
  public var description: String { number.map { "\(volume)@\($0)" } ?? "\(volume)" }
}

/// Parts `name@3` into the name and the number, `name` into the name and `nil`.
func splitNumber(
  _ text: String, expected: String
) throws(DatabaseError) -> (name: String, number: Int?) {
  let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
  if parts.count == 1 { return (text, nil) }
  guard parts.count == 2, let number = positiveNumber(parts[1]) else {
    throw .badReference(text, expected: expected)
  }
  return (parts[0], number)
}

/// A number from 1, in plain digits.
func positiveNumber(_ text: String) -> Int? {
  guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), number > 0
  else { return nil }
  return number
}
