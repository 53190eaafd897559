// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// One state of a volume: immutable once committed.
public struct VersionRecord: Hashable, Sendable {
  /// The key within this catalog.
  public let id: Int64
  /// The name that holds everywhere.
  public let uuid: String
  /// The volume it is a version of.
  public let volumeID: Int64
  /// The name of the dataset.
  public let dataset: String
  /// The name of the volume.
  public let volume: String
  /// What the voxels are.
  public let kind: VolumeKind
  /// From 1 on; never given twice in a volume.
  public let number: Int
  /// How far it has come.
  public let state: VersionState
  /// The version of the same volume that it continues or corrects.
  public let parentID: Int64?
  /// The image version that labels or predictions belong to.
  public let imageID: Int64?
  /// The run that made it.
  public let runID: Int64?
  /// The type of a voxel.
  public let dataType: DataType
  /// Voxels along z, y, x.
  public let shape: Extent
  /// Distances between voxels.
  public let voxelSize: VoxelSize
  /// Where the centre of the first voxel lies, in nm, z, y, x.
  public let origin: [Double]
  /// The shape of a chunk.
  public let chunk: Extent
  /// The shape of a shard, a multiple of the chunk's.
  public let shard: Extent
  /// The number of scale levels.
  public let levels: Int
  /// What a stored value is multiplied by to give a probability.
  public let valueScale: Double?
  /// The folder, relative to the database's.
  public let path: String
  /// Where it is being written, until it is committed.
  public let stagingPath: String?
  /// The hash of its voxels, once they are all there.
  public let contentHash: Hash128?
  /// How often values occur.
  public let histogram: ValueHistogram?
  /// Which values to show as black and as white.
  public let displayRange: ClosedRange<Double>?
  /// Anything else.
  public let note: String?
  /// When its number was reserved.
  public let createdAt: Timestamp
  /// When it was committed.
  public let committedAt: Timestamp?
  /// When it was taken out of sight.
  public let retiredAt: Timestamp?
  /// When its files were removed; its row stays for what was made from it.
  public let freedAt: Timestamp?

  /// `dataset/volume@number`.
  public var reference: String { "\(dataset)/\(volume)@\(number)" }
}
