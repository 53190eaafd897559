// SPDX-License-Identifier: Apache-2.0

/// Which volume: `dataset/volume`.
public struct VolumeReference: Hashable, Sendable {
  /// The name of the dataset.
  public let dataset: String
  /// The name of the volume within it.
  public let volume: String

  /// - Throws: ``DatabaseError/badName(_:noun:)`` if a name breaks the rules of ``ObjectName``.
  public init(dataset: String, volume: String) throws(DatabaseError) {
    self.dataset = try ObjectName(dataset, noun: "dataset").text
    self.volume = try ObjectName(volume, noun: "volume").text
  }

  /// Reads `dataset/volume`.
  ///
  /// - Throws: ``DatabaseError/badReference(_:expected:)`` or ``DatabaseError/badName(_:noun:)``.
  public init(parsing text: String) throws(DatabaseError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw .badReference(text, expected: "dataset/volume")
    }
    try self.init(dataset: parts[0], volume: parts[1])
  }
}

extension VolumeReference: CustomStringConvertible {
  public var description: String { "\(dataset)/\(volume)" }
}
