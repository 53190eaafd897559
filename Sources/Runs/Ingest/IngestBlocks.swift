// SPDX-License-Identifier: Apache-2.0

import Arrays
import ImageFiles

/// The boxes that an ingest reads and writes one after the other: whole shards, of as few blocks of the
/// source as memory allows.
struct IngestBlocks: Sendable {
  /// In C order; all are whole shards, and together the volume.
  let boxes: [Box]

  /// - Parameters:
  ///   - shards: The grid of shards that is written.
  ///   - unit: The shape of what the source stores as one.
  ///   - voxelBytes: What a voxel takes as it is read and as it is stored.
  ///   - budget: How many bytes may be taken; `nil` for 2 GiB of voxels.
  init(shards: ChunkGrid, unit: Extent, voxelBytes: Int, budget: Int?) {
    let shape = shards.shape
    // A part of what a person allows is for the shards being encoded and for the program itself.
    let limit = budget.map { max(0, $0 - (40 << 20)) / 2 } ?? 2 << 30
    func bytes(_ sizes: [Int]) -> Int {
      (0..<3).reduce(voxelBytes) { $0 * min(sizes[$1], shape[$1]) }
    }
    var sizes = shards.chunk.sizes
    // Blocks of the source that reach over several shards are read once if they fit, along the axes that
    // vary slowest last: what does not fit is decoded again for each shard.
    for axis in [2, 1, 0] where unit[axis] > sizes[axis] {
      var wider = sizes
      wider[axis] *= (min(unit[axis], shape[axis]) + sizes[axis] - 1) / sizes[axis]
      if bytes(wider) <= limit || unit[axis] >= shape[axis] && axis > 0 && unit[0] == 1 { sizes = wider }
    }
    // Whole layers are best, because coarser levels are then made from what is in memory.
    for axis in [2, 1] {
      while sizes[axis] < shape[axis] {
        var wider = sizes
        wider[axis] *= 2
        guard bytes(wider) <= limit else { break }
        sizes = wider
      }
    }
    let grid = ChunkGrid(shape: shape, chunk: Extent(sizes))
    boxes = Box(grid.counts).positions.map { grid.box(at: $0) }
  }

  /// Windows of a source's planes in which as many slices as it stores as one, or two for each thread, take
  /// no more than 256 MiB.
  static func windows(of source: any VoxelSource, threads: Int) -> [Box] {
    let unit = source.blockShape
    let depth = max(unit[0], 2 * threads)
    let extent: Extent = [depth, source.extent[1], source.extent[2]]
    return IngestBlocks(
      shards: ChunkGrid(shape: extent, chunk: [depth, unit[1], unit[2]]), unit: unit,
      voxelBytes: source.dataType.byteCount, budget: 512 << 20 + 40 << 20
    ).boxes
  }
}
