// SPDX-License-Identifier: Apache-2.0

/// A series of versions under one name.
public struct VolumeRecord: Hashable, Sendable {
  /// The key within this catalog.
  public let id: Int64
  /// The name that holds everywhere.
  public let uuid: String
  /// The dataset it belongs to.
  public let datasetID: Int64
  /// The name of the dataset.
  public let dataset: String
  /// Unique in the dataset without regard to case.
  public let name: String
  /// What the voxels are.
  public let kind: VolumeKind
  /// Anything else.
  public let note: String?
  /// When it was added.
  public let createdAt: Timestamp

  /// `dataset/volume`.
  public var reference: String { "\(dataset)/\(name)" }
}
