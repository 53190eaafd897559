// SPDX-License-Identifier: Apache-2.0

/// A stored object of a version.
public struct ShardRecord: Hashable, Sendable {
  /// The key within this catalog; 0 before it is added.
  public let id: Int64
  /// Relative to the version's folder, as in `0/c/3/0/1`.
  public let key: String
  /// The scale level.
  public let level: Int
  /// The index in the level's grid of shards, z, y, x.
  public let index: [Int]
  /// The stored size.
  public let byteCount: Int
  /// XXH3-128 of the stored bytes.
  public let hash: Hash128

  public init(key: String, level: Int, index: [Int], byteCount: Int, hash: Hash128) {
    self.init(id: 0, key: key, level: level, index: index, byteCount: byteCount, hash: hash)
  }

  init(id: Int64, key: String, level: Int, index: [Int], byteCount: Int, hash: Hash128) {
    self.id = id
    self.key = key
    self.level = level
    self.index = index
    self.byteCount = byteCount
    self.hash = hash
  }
}

/// A shard with all that hangs off it.
public struct ShardEntry: Hashable, Sendable {
  /// The stored object.
  public let shard: ShardRecord
  /// One item a stored chunk; level 0 only.
  public let chunks: [ChunkStatistic]
  /// The parts of objects that lie in it; level 0 only.
  public let fragments: [InstanceFragment]

  public init(_ shard: ShardRecord, chunks: [ChunkStatistic] = [], fragments: [InstanceFragment] = []) {
    self.shard = shard
    self.chunks = chunks
    self.fragments = fragments
  }
}
