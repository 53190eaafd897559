// SPDX-License-Identifier: Apache-2.0

public import VolumeDatabase

/// An image and the label volumes that belong to it, by name.
public struct TrainingPair: Hashable, Sendable {
  /// The image.
  public let image: VersionReference
  /// One label volume or more, with different classes or different slices.
  public let labels: [VersionReference]

  /// A pair.
  public init(image: VersionReference, labels: [VersionReference]) {
    self.image = image
    self.labels = labels
  }

  /// Reads `dataset/em,dataset/mito` or more label volumes, each with or without `@3`.
  ///
  /// - Throws: ``TrainingRunError/badPair(_:)``, or what is wrong with a reference.
  public init(parsing text: String) throws {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 2, !parts.contains("") else { throw TrainingRunError.badPair(text) }
    image = try VersionReference(parsing: parts[0])
    labels = try parts.dropFirst().map { try VersionReference(parsing: $0) }
  }
}

extension TrainingPair: CustomStringConvertible {
  public var description: String { ([image] + labels).map(String.init(describing:)).joined(separator: ",") }
}
