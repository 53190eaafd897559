// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing
import VolumeDatabase

@Suite("Chunks and scale levels")
struct GridTests {
  @Test("voxels of 50 × 8 × 8 nm give chunks of 16 × 128 × 128 and isotropic ones 64³")
  func chunkShapes() throws {
    let anisotropic = try ChunkLayout.chosen(
      shape: [219, 2000, 2000], voxelSize: VoxelSize(z: 50, y: 8, x: 8), dataType: .uint8)
    #expect(anisotropic.chunk == [16, 128, 128])
    let isotropic = try ChunkLayout.chosen(
      shape: [1000, 1000, 1000], voxelSize: VoxelSize(z: 5, y: 5, x: 5), dataType: .uint8)
    #expect(isotropic.chunk == [64, 64, 64])
  }

  @Test("shards are one chunk deep and hold 16 to 64 MiB where the volume is that large")
  func shardShapes() throws {
    for type in [DataType.uint8, .uint16, .uint64, .float32] {
      let layout = try ChunkLayout.chosen(
        shape: [500, 7000, 7000], voxelSize: VoxelSize(z: 50, y: 8, x: 8), dataType: type)
      #expect(layout.shard[0] == layout.chunk[0])
      #expect((16 << 20...64 << 20).contains(layout.shard.count * type.byteCount))
    }
  }

  @Test("a slab over all of y and x stays below 512 MiB")
  func slabs() throws {
    let layout = try ChunkLayout.chosen(
      shape: [219, 20000, 20000], voxelSize: VoxelSize(z: 50, y: 8, x: 8), dataType: .uint8)
    #expect(layout.shard[0] * 20000 * 20000 <= 512 << 20)
  }

  @Test("a single section gets flat chunks")
  func sections() throws {
    let layout = try ChunkLayout.chosen(
      shape: [1, 900, 1200], voxelSize: VoxelSize(z: 100, y: 100, x: 100), dataType: .uint8)
    #expect(layout.chunk == [1, 512, 512])
    #expect(layout.shard == [1, 1024, 1536])
  }

  @Test("shapes asked for are kept, or refused where they do not fit each other")
  func overrides() throws {
    let voxels = VoxelSize(z: 50, y: 8, x: 8)
    let layout = try ChunkLayout.chosen(
      shape: [20, 300, 300], voxelSize: voxels, dataType: .uint8, chunk: [4, 32, 32],
      shard: [4, 64, 96])
    #expect(layout.shard == [4, 64, 96])
    #expect(throws: DatabaseError.badChunkShape(chunk: [4, 32, 32], shard: [4, 64, 90])) {
      try ChunkLayout.chosen(
        shape: [20, 300, 300], voxelSize: voxels, dataType: .uint8, chunk: [4, 32, 32],
        shard: [4, 64, 90])
    }
  }

  @Test("anisotropic volumes are reduced in y and x until about isotropic")
  func anisotropicLevels() {
    let plan = LevelPlan(shape: [219, 7000, 7000], voxelSize: VoxelSize(z: 50, y: 8, x: 8))
    #expect(plan.steps == [[1, 1, 1], [1, 2, 2], [1, 2, 2], [1, 2, 2], [2, 2, 2], [2, 2, 2]])
    #expect(plan.factors(of: 4) == [2, 16, 16])
    #expect(plan.shape(of: 4, volume: [219, 7000, 7000]) == [110, 438, 438])
  }

  @Test("a thin volume has as many levels as its y and x ask for")
  func thinLevels() {
    let plan = LevelPlan(shape: [1, 4096, 4096], voxelSize: VoxelSize(z: 5, y: 5, x: 5))
    #expect(plan.count == 5)
    #expect(plan.factors(of: 4) == [1, 16, 16])
    let few = LevelPlan(shape: [3, 4096, 4096], voxelSize: VoxelSize(z: 25, y: 5, x: 5))
    #expect(few.shape(of: few.count - 1, volume: [3, 4096, 4096]).sizes[1...] == [256, 256])
  }

  @Test("a small volume has one level")
  func smallLevels() {
    #expect(LevelPlan(shape: [100, 256, 256], voxelSize: VoxelSize(z: 5, y: 5, x: 5)).count == 1)
  }

  @Test("a level's origin is half a coarse voxel less half a fine one further in")
  func origins() {
    let plan = LevelPlan(steps: [[1, 1, 1], [1, 2, 2], [2, 2, 2]])
    let size = VoxelSize(z: 50, y: 8, x: 8)
    // NGFF 0.5: t₀ + s₀ (f − 1) / 2.
    #expect(plan.origin(of: 1, volume: [10, 0, 0], voxelSize: size) == [10, 4, 4])
    #expect(plan.origin(of: 2, volume: [10, 0, 0], voxelSize: size) == [35, 12, 12])
  }
}
