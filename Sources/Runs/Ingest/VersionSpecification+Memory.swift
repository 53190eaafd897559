// SPDX-License-Identifier: Apache-2.0

import Arrays
import ImageFiles
import VolumeDatabase

extension VersionSpecification {
  /// Chooses chunks and shards with which a layer fits the memory: smaller shards first, then chunks that
  /// are less deep. Shapes that a person asked for stay.
  ///
  /// - Parameter memory: In bytes; `nil` leaves the choice to the voxel size alone.
  /// - Throws: ``IngestError/tooLittleMemory(needed:allowed:)``, or `DatabaseError` if the shapes asked
  ///   for do not fit each other.
  mutating func fit(memory: Int?, threads: Int, reading source: any VoxelSource) throws {
    let wanted = try layout(chunk: chunk, shard: shard)
    guard let memory else { return }
    func needed(_ layout: ChunkLayout) -> Int {
      source.isSliced ? self.needed(layout, threads) : self.needed(layout, threads, source)
    }
    if needed(wanted) <= memory { return }
    var least = needed(wanted)
    var depth = wanted.chunk[0]
    while chunk == nil || depth == wanted.chunk[0] {
      let smaller = chunk ?? [depth, wanted.chunk[1], wanted.chunk[2]]
      var candidate = try layout(chunk: smaller, shard: shard)
      while true {
        least = min(least, needed(candidate))
        if needed(candidate) <= memory {
          chunk = candidate.chunk
          shard = candidate.shard
          return
        }
        guard shard == nil, let next = Self.halved(candidate) else { break }
        candidate = next
      }
      guard depth > 1 else { break }
      depth /= 2
    }
    throw IngestError.tooLittleMemory(needed: least, allowed: memory)
  }

  private func layout(chunk: Extent?, shard: Extent?) throws(DatabaseError) -> ChunkLayout {
    try ChunkLayout.chosen(
      shape: shape, voxelSize: voxelSize, dataType: dataType, chunk: chunk, shard: shard)
  }

  /// What the ingest of a layer takes, as measured: the layer and as much again for the coarser levels and what the allocator keeps; for
  /// each thread two decoded slices and four times a shard, which is cut out, encoded and written; and the
  /// program itself.
  private func needed(_ layout: ChunkLayout, _ threads: Int) -> Int {
    let slice = shape[1] * shape[2] * dataType.byteCount
    let shards = ChunkGrid(shape: shape, chunk: layout.shard).counts
    let shardBytes =
      layout.shard[0] * min(layout.shard[1], shape[1]) * min(layout.shard[2], shape[2])
      * dataType.byteCount
    return 2 * layout.shard[0] * slice + 2 * threads * slice
      + 4 * min(threads, shards[1] * shards[2]) * shardBytes + (40 << 20)
  }

  /// What the ingest of a shard takes from a source that can be read by boxes: the voxels as they are read
  /// and as they are stored, the shard being encoded, and for each thread a block being decoded.
  private func needed(_ layout: ChunkLayout, _ threads: Int, _ source: any VoxelSource) -> Int {
    let voxels = (0..<3).reduce(1) { $0 * min(layout.shard[$1], shape[$1]) }
    return voxels * (source.dataType.byteCount + 5 * dataType.byteCount)
      + 2 * threads * source.blockShape.count * source.dataType.byteCount + (40 << 20)
  }

  /// A layout whose shards have half as many chunks along the longer of y and x.
  private static func halved(_ layout: ChunkLayout) -> ChunkLayout? {
    let axis = layout.shard[1] >= layout.shard[2] ? 1 : 2
    let chunks = layout.shard[axis] / layout.chunk[axis]
    guard chunks > 1 else { return nil }
    var shard = layout.shard.sizes
    shard[axis] = (chunks + 1) / 2 * layout.chunk[axis]
    return try? ChunkLayout(chunk: layout.chunk, shard: Extent(shard))
  }
}
