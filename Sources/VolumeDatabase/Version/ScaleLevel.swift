// SPDX-License-Identifier: Apache-2.0

import Arrays
import Zarr

/// One scale level of a version: its number, its shape and how it is cut.
struct ScaleLevel: Hashable, Sendable {
  /// 0 is the volume itself.
  let number: Int
  /// By how much it is coarser than the level before it, z, y, x.
  let step: [Int]
  let shape: Extent
  let layout: ChunkLayout

  /// The grid of shards.
  var shards: ChunkGrid { ChunkGrid(shape: shape, chunk: layout.shard) }
  /// The grid of chunks.
  var chunks: ChunkGrid { ChunkGrid(shape: shape, chunk: layout.chunk) }

  /// The array's metadata.
  func metadata(_ dataType: DataType, compressionLevel: Int) -> ArrayMetadata {
    .sharded(
      shape: shape, dataType: dataType, chunk: layout.chunk, shard: layout.shard,
      zstdLevel: compressionLevel)
  }

  /// The levels of a new version.
  static func levels(
    _ plan: LevelPlan, of specification: VersionSpecification
  ) throws(DatabaseError) -> [ScaleLevel] {
    var levels: [ScaleLevel] = []
    for number in 0..<plan.count {
      let shape = plan.shape(of: number, volume: specification.shape)
      let layout = try ChunkLayout.chosen(
        shape: shape, voxelSize: specification.voxelSize.scaled(by: plan.factors(of: number)),
        dataType: specification.dataType, level: number, chunk: specification.chunk,
        shard: specification.shard)
      levels.append(ScaleLevel(number: number, step: plan.steps[number], shape: shape, layout: layout))
    }
    return levels
  }
}
