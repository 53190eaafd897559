// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing
import VolumeDatabase

@Suite("Regions")
struct RegionTests {
  private let shape: Extent = [219, 7000, 6000]
  private let voxels = VoxelSize(z: 50, y: 8, x: 8)

  private func box(_ text: String, origin: [Double] = [0, 0, 0]) throws -> Box {
    try Region(parsing: text).box(in: shape, voxelSize: voxels, origin: origin, of: "ratliver/em")
  }

  @Test("voxel bounds are half-open and an axis left out means all of it")
  func voxelBounds() throws {
    #expect(
      try box("z=18:36,y=0:1000") == Box(lower: [18, 0, 0], upper: [36, 1000, 6000]))
    #expect(try box("z=18") == Box(lower: [18, 0, 0], upper: [19, 7000, 6000]))
    #expect(try box("z=18:") == Box(lower: [18, 0, 0], upper: [219, 7000, 6000]))
    #expect(try box("z=:36, x=5:6") == Box(lower: [0, 0, 5], upper: [36, 7000, 6]))
  }

  @Test("physical bounds take the voxels whose centres lie inside")
  func physicalBounds() throws {
    // Centres at 0, 50, 100 … nm: 900 is the centre of voxel 18, 1800 that of voxel 36.
    #expect(try box("z=900nm:1800nm").range(0) == 18..<36)
    #expect(try box("z=0.9um:1.8um").range(0) == 18..<36)
    #expect(try box("z=901nm:1801nm").range(0) == 19..<37)
    #expect(try box("y=0nm:24nm").range(1) == 0..<3)
    #expect(try box("z=920nm").range(0) == 18..<19)
  }

  @Test("physical bounds include the origin")
  func origins() throws {
    #expect(try box("z=1900nm:2800nm", origin: [1000, 0, 0]).range(0) == 18..<36)
    #expect(throws: DatabaseError.self) { try box("z=900nm:1800nm", origin: [1000, 0, 0]) }
  }

  @Test("a bound of 0.3 µm at 0.1 µm a voxel is not lost to rounding")
  func decimals() throws {
    let fine = try Region(parsing: "x=0.1um:0.3um")
    let box = try fine.box(in: [1, 1, 10], voxelSize: VoxelSize(z: 1, y: 1, x: 100), of: "a/b")
    #expect(box.range(2) == 1..<3)
  }

  @Test("out of bounds names the valid range", arguments: ["z=200:220", "z=-1:3", "x=6000", "y=7000:"])
  func outOfBounds(text: String) {
    #expect(
      throws: DatabaseError.regionOutOfBounds(
        region: text, volume: "ratliver/em", valid: "z=0:219,y=0:7000,x=0:6000")
    ) { try box(text) }
  }

  @Test(
    "what is no region is refused",
    arguments: [
      "", "18:36", "w=1:2", "z=5:5", "z=6:5", "z=1:2,z=3:4", "z=1:2:3", "z=a:b", "z=900nm:1800",
      "z=1.5:3", "z=1parsec:2parsec", "z=99999999999999999999:5", "z=1:2,",
    ])
  func malformed(text: String) {
    #expect(throws: DatabaseError.self) { try Region(parsing: text) }
  }

  @Test("a region between two centres holds no voxel")
  func betweenCentres() {
    #expect(throws: DatabaseError.self) { try box("z=901nm:949nm") }
  }

  @Test("at a coarser level the box covers every voxel that touches")
  func coarser() {
    let fine = Box(lower: [3, 5, 8], upper: [4, 9, 17])
    #expect(
      fine.coarsened(by: [1, 4, 8], within: [10, 10, 10]) == Box(lower: [3, 1, 1], upper: [4, 3, 3]))
    #expect(
      Box(Extent([7, 7, 7])).coarsened(by: [2, 2, 2], within: [4, 4, 4]) == Box(Extent([4, 4, 4])))
  }
}
