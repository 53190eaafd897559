// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Testing
import Zarr

@testable import VolumeDatabase

@Suite("Versions that share shards")
struct CopyOnWriteTests {
  private func changed(_ position: [Int]) -> UInt8 { position[0] == 10 ? 9 : texture(position) }

  @Test("correcting one slice rewrites one layer of shards on every level and shares the rest")
  func oneLayer() throws {
    let fixture = try Fixture()
    let parent = try fixture.database.add(try Fixture.image(), texture)
    var specification = try Fixture.image()
    specification.parent = parent.reference
    specification.chunk = nil
    specification.shard = nil
    let writer = try VersionWriter(specification, in: fixture.database)
    try writer.writeLayer(voxels(writer.box(ofLayer: 1), changed), layer: 1)
    try writer.finish(coverage: [])
    try fixture.database.commit([writer])
    let child = try fixture.database.version(try VersionReference(parsing: "d/em"))
    #expect(child.record.number == 2)
    for key in parent.manifest.entries.keys {
      let place = try #require(ShardPlace(key: key))
      let isShared = FileSystem.inode("\(parent.folder)/\(key)") == FileSystem.inode("\(child.folder)/\(key)")
      #expect(isShared == (place.index[0] != 1), "\(key)")
    }
    // The same as a version that was written whole.
    var whole = try Fixture.image("d/whole")
    whole.note = "whole"
    let expected = try fixture.database.add(whole, changed)
    #expect(child.manifest == expected.manifest)
    #expect(child.record.contentHash == expected.record.contentHash)
    #expect(child.record.histogram == expected.record.histogram)
    #expect(child.coverage.map(\.box) == parent.coverage.map(\.box))
    let rows = try fixture.database.catalog.storedBytes(ofVersion: child.record.id)
    #expect(rows.shards == child.manifest.entries.count)
    #expect(rows.ownBytes < rows.bytes / 2)
    // The parent is as it was.
    let box = Box(parent.record.shape)
    #expect(try fixture.database.version(parent.reference).read(box) == voxels(box, texture))
  }

  @Test("a change of the voxel size alone shares every shard")
  func metadata() throws {
    let fixture = try Fixture()
    let parent = try fixture.database.add(try Fixture.image(), texture)
    var specification = try Fixture.image()
    specification.parent = parent.reference
    specification.voxelSize = VoxelSize(z: 45, y: 9, x: 9)
    let writer = try VersionWriter(specification, in: fixture.database)
    try writer.finish(coverage: [])
    try fixture.database.commit([writer])
    let child = try fixture.database.version(try VersionReference(parsing: "d/em"))
    #expect(child.manifest == parent.manifest)
    #expect(child.record.contentHash == parent.record.contentHash)
    #expect(child.record.histogram == parent.record.histogram)
    #expect(child.multiscale.levels[1].scale == [45, 18, 18])
    #expect(try fixture.database.catalog.storedBytes(ofVersion: child.record.id).ownBytes == 0)
  }

  @Test("a prediction that continues another shares its shards and its coverage")
  func onto() throws {
    let fixture = try Fixture()
    var specification = try Fixture.labels("d/pred")
    specification.kind = .prediction
    let first = try VersionWriter(specification, in: fixture.database)
    try first.writeShard(voxels(first.shardGrid.box(at: [0, 0, 0])) { _ in 255 as UInt8 }, at: [0, 0, 0])
    try first.finish(coverage: [first.shardGrid.box(at: [0, 0, 0])])
    try fixture.database.commit([first])
    specification.parent = try VersionReference(parsing: "d/pred")
    let second = try VersionWriter(specification, in: fixture.database)
    try second.writeShard(voxels(second.shardGrid.box(at: [0, 0, 1])) { _ in 255 as UInt8 }, at: [0, 0, 1])
    try second.finish(coverage: [second.shardGrid.box(at: [0, 0, 1])])
    try fixture.database.commit([second])
    let version = try fixture.database.version(try VersionReference(parsing: "d/pred"))
    #expect(
      version.coverage.map(\.box) == [
        Box(lower: [0, 0, 0], upper: [8, 128, 128]), Box(lower: [0, 0, 128], upper: [8, 128, 256]),
      ])
    #expect(
      try version.read(Box(lower: [7, 127, 100], upper: [8, 128, 200]))
        == voxels(Box([1, 1, 100])) { _ in 255 as UInt8 })
    // The coarser levels hold both halves.
    #expect(
      try version.read(Box(lower: [0, 10, 0], upper: [1, 11, 128]), level: 1).elements(as: UInt8.self)
        .allSatisfy { $0 == 255 })
    let counts = try fixture.database.catalog.regionCounts(
      ofVersion: version.record.id, in: Box(version.record.shape))
    #expect(counts.counts == [255: 2 * 8 * 128 * 128])
  }

  @Test("a shard that becomes background is shared no more")
  func emptied() throws {
    let fixture = try Fixture()
    let parent = try fixture.database.add(try Fixture.labels()) { _ in 255 as UInt8 }
    var specification = try Fixture.labels()
    specification.parent = parent.reference
    let writer = try VersionWriter(specification, in: fixture.database)
    let box = writer.shardGrid.box(at: [0, 0, 0])
    try writer.writeShard(NDArray(.uint8, box.extent), at: [0, 0, 0])
    try writer.finish(coverage: [])
    try fixture.database.commit([writer])
    let child = try fixture.database.version(try VersionReference(parsing: "d/mito"))
    #expect(child.manifest.entries["0/c/0/0/0"] == nil)
    #expect(try child.read(box) == NDArray(.uint8, box.extent))
    #expect(
      try child.read(Box(origin: [0, 0, 0], extent: [8, 64, 64]), level: 1) == NDArray(.uint8, [8, 64, 64]))
  }

  @Test("a parent of another shape or volume is refused")
  func misfits() throws {
    let fixture = try Fixture()
    let parent = try fixture.database.add(try Fixture.image(), texture)
    var other = try Fixture.image("d/other")
    other.parent = parent.reference
    #expect(throws: DatabaseError.self) { try VersionWriter(other, in: fixture.database) }
    var smaller = try Fixture.image(shape: [20, 300, 519])
    smaller.parent = parent.reference
    #expect(throws: DatabaseError.self) { try VersionWriter(smaller, in: fixture.database) }
  }
}
