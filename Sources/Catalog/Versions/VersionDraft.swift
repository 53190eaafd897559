// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// What must be known of a version before its number is reserved.
public struct VersionDraft: Hashable, Sendable {
  /// The volume that gets a version.
  public var volumeID: Int64
  /// That of a version that is being restored; a new one by default.
  public var uuid: String?
  /// The version of the same volume that it continues or corrects.
  public var parentID: Int64?
  /// The image version that labels or predictions belong to.
  public var imageID: Int64?
  /// The run that makes it.
  public var runID: Int64?
  /// The type of a voxel.
  public var dataType: DataType
  /// Voxels along z, y, x.
  public var shape: Extent
  /// Distances between voxels.
  public var voxelSize: VoxelSize
  /// Where the centre of the first voxel lies, in nm, z, y, x.
  public var origin: [Double]
  /// The shape of a chunk.
  public var chunk: Extent
  /// The shape of a shard, a multiple of the chunk's.
  public var shard: Extent
  /// The number of scale levels.
  public var levels: Int
  /// What a stored value is multiplied by to give a probability.
  public var valueScale: Double?
  /// Where it is being written, relative to the database's folder.
  public var stagingPath: String
  /// Anything else.
  public var note: String?

  /// - Precondition: Everything has three axes.
  public init(
    volumeID: Int64, dataType: DataType, shape: Extent, voxelSize: VoxelSize, origin: [Double] = [0, 0, 0],
    chunk: Extent, shard: Extent, levels: Int, stagingPath: String
  ) {
    precondition(
      [shape.rank, origin.count, chunk.rank, shard.rank].allSatisfy { $0 == 3 }, "a version has three axes")
    self.volumeID = volumeID
    self.dataType = dataType
    self.shape = shape
    self.voxelSize = voxelSize
    self.origin = origin
    self.chunk = chunk
    self.shard = shard
    self.levels = levels
    self.stagingPath = stagingPath
  }
}
