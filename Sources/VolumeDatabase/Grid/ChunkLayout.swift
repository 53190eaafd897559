// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// The shapes of the chunks and shards of one scale level.
public struct ChunkLayout: Hashable, Sendable {
  /// What is compressed as one.
  public let chunk: Extent
  /// What is one file: a whole number of chunks along each axis.
  public let shard: Extent

  /// - Throws: ``DatabaseError/badChunkShape(chunk:shard:)`` unless both have three positive sizes
  ///   and chunks fill the shard.
  public init(chunk: Extent, shard: Extent) throws(DatabaseError) {
    guard chunk.rank == 3, shard.rank == 3, (chunk.sizes + shard.sizes).allSatisfy({ $0 > 0 }),
      (0..<3).allSatisfy({ shard[$0] % chunk[$0] == 0 })
    else { throw .badChunkShape(chunk: chunk.sizes, shard: shard.sizes) }
    self.chunk = chunk
    self.shard = shard
  }

  private init(checkedChunk chunk: Extent, shard: Extent) {
    self.chunk = chunk
    self.shard = shard
  }

  /// Chunks have about this many voxels, as a power of two: 64³.
  private static let chunkVoxels = 18
  /// Shards are widened until they have this many bytes.
  private static let shardBytes = 32 << 20
  /// A slab one shard deep has at most this many bytes.
  private static let slabBytes = 512 << 20

  /// Chooses shapes for a level.
  ///
  /// Chunks are about isotropic in nm, of sizes that are powers of two and about 64³ voxels; as
  /// deep as a slab over all of y and x may be in memory; no larger than the volume needs. Shards
  /// are one chunk deep and widened in y and x until they have 32 MiB or cover the level.
  ///
  /// - Parameters:
  ///   - shape: The shape of the level.
  ///   - voxelSize: The voxel size of the level.
  ///   - level: Its number: every level may use half the memory of the one before it.
  ///   - chunk: A chunk shape asked for; `nil` chooses.
  ///   - shard: A shard shape asked for; `nil` chooses.
  /// - Throws: ``DatabaseError/badChunkShape(chunk:shard:)`` if what is asked for does not fit.
  public static func chosen(
    shape: Extent, voxelSize: VoxelSize, dataType: DataType, level: Int = 0,
    chunk: Extent? = nil, shard: Extent? = nil
  ) throws(DatabaseError) -> ChunkLayout {
    let bytes = dataType.byteCount
    let chosenChunk =
      chunk ?? bestChunk(shape, voxelSize, slabVoxels: (slabBytes >> min(level, 8)) / bytes)
    guard chosenChunk.rank == 3, chosenChunk.sizes.allSatisfy({ $0 > 0 && $0 <= 1 << 20 }) else {
      throw .badChunkShape(chunk: chosenChunk.sizes, shard: shard?.sizes ?? [])
    }
    return try ChunkLayout(
      chunk: chosenChunk, shard: shard ?? widened(chosenChunk, shape, bytes: bytes))
  }

  /// The most nearly isotropic chunk among all whose sizes are powers of two and whose count of
  /// voxels is within a factor of two of 64³.
  private static func bestChunk(_ shape: Extent, _ voxelSize: VoxelSize, slabVoxels: Int) -> Extent {
    let limits = shape.sizes.map { exponent(covering: $0) }
    let plane = max(1, shape[1] * shape[2])
    var depthLimit = min(limits[0], 6)
    while depthLimit > 0 && (1 << depthLimit) * plane > slabVoxels { depthLimit -= 1 }
    let reachable = min(chunkVoxels - 1, depthLimit + min(limits[1], 10) + min(limits[2], 10))
    var best = [0, 0, 0]
    var bestCost = Double.infinity
    for z in 0...depthLimit {
      for y in 0...min(limits[1], 10) {
        for x in 0...min(limits[2], 10) {
          let voxels = z + y + x
          guard (reachable...(chunkVoxels + 1)).contains(voxels) else { continue }
          let cost = cost([z, y, x], voxelSize)
          if cost < bestCost { (best, bestCost) = ([z, y, x], cost) }
        }
      }
    }
    return Extent(best.map { 1 << $0 })
  }

  /// How far from isotropic, and then how far from 64³ voxels, a chunk of the given exponents is.
  private static func cost(_ exponents: [Int], _ voxelSize: VoxelSize) -> Double {
    let lengths = (0..<3).map { Double(1 << exponents[$0]) * voxelSize.nanometres[$0] }
    let ratio = (lengths.max() ?? 1) / (lengths.min() ?? 1)
    let unequal = exponents[1] == exponents[2] ? 0.0 : 0.01
    return ratio + unequal + 0.1 * abs(Double(exponents.reduce(0, +) - chunkVoxels))
  }

  /// The smallest exponent of two that covers a size.
  private static func exponent(covering size: Int) -> Int {
    var exponent = 0
    while 1 << exponent < size { exponent += 1 }
    return exponent
  }

  /// A shard one chunk deep, doubled along the shorter of y and x while it is small and does not
  /// cover the level.
  private static func widened(_ chunk: Extent, _ shape: Extent, bytes: Int) -> Extent {
    var shard = chunk.sizes
    let covering = (0..<3).map { (max(1, shape[$0]) + chunk[$0] - 1) / chunk[$0] * chunk[$0] }
    while shard.reduce(bytes, *) < shardBytes {
      let open = [1, 2].filter { shard[$0] < covering[$0] }
      guard let axis = open.min(by: { shard[$0] < shard[$1] }) else { break }
      shard[axis] = min(shard[axis] * 2, covering[axis])
    }
    return Extent(shard)
  }
}
