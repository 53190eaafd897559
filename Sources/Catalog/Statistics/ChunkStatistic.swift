// SPDX-License-Identifier: Apache-2.0

/// What one stored chunk of scale level 0 holds, without the voxels past the array's end.
public struct ChunkStatistic: Hashable, Sendable {
  /// The index in the grid of chunks of the whole array, z, y, x.
  public let index: [Int]
  /// The smallest value that is a number; 64-bit values above 2⁵³ are rounded.
  public let minimum: Double?
  /// The largest value that is a number; 64-bit values above 2⁵³ are rounded.
  public let maximum: Double?
  /// Voxels that are not 0.
  public let nonzero: Int
  /// XXH3-128 of the decoded voxels.
  public let hash: Hash128
  /// Voxels of each value, in semantic volumes; otherwise empty.
  public let counts: [UInt64: Int]

  public init(
    index: [Int], minimum: Double?, maximum: Double?, nonzero: Int, hash: Hash128, counts: [UInt64: Int] = [:]
  ) {
    self.index = index
    self.minimum = minimum
    self.maximum = maximum
    self.nonzero = nonzero
    self.hash = hash
    self.counts = counts
  }
}

/// How many voxels of a region have which value, as far as the catalog can tell.
public struct RegionCounts: Hashable, Sendable {
  /// Voxels of each value but 0 in chunks that lie wholly inside the region.
  public let counts: [UInt64: Int]
  /// Voxels that are not 0 in chunks that lie wholly inside the region, of whatever volume.
  public let nonzero: Int
  /// Stored chunks that lie partly inside and have voxels other than 0, by their index, z, y, x, in C
  /// order: their voxels must be counted. Chunks that are not stored hold the fill value, 0.
  public let boundaryChunks: [[Int]]
}
