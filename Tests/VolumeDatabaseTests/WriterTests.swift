// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Testing
import Zarr

@testable import VolumeDatabase

@Suite("Writing versions")
struct WriterTests {
  @Test("a version written by layers reads back on every level")
  func layers() throws {
    let fixture = try Fixture()
    let version = try fixture.database.add(try Fixture.image(), texture)
    let whole = Box(version.record.shape)
    #expect(try version.read(whole, threads: 2) == voxels(whole, texture))
    #expect(version.levelCount == 3)
    #expect(try version.array(level: 1).shape == [20, 150, 260])
    #expect(try version.array(level: 2).shape == [20, 75, 130])
    #expect(version.record.number == 1)
    #expect("\(version.reference)" == "d/em@1")
    #expect(version.coverage.map(\.box) == [whole])
  }

  @Test("layers in memory and shards from disk give the same levels")
  func samePyramids() throws {
    let fixture = try Fixture()
    let layers = try fixture.database.add(try Fixture.image(), texture)
    let writer = try VersionWriter(try Fixture.image("d/other"), in: fixture.database)
    try writer.writeShards(texture)
    try writer.finish(coverage: [Box(layers.record.shape)])
    try fixture.database.commit([writer])
    let shards = try fixture.database.version(try VersionReference(parsing: "d/other"))
    for level in 0..<3 {
      let box = Box(try layers.array(level: level).shape)
      #expect(try layers.read(box, level: level) == shards.read(box, level: level))
    }
    #expect(layers.record.contentHash == shards.record.contentHash)
    #expect(layers.manifest == shards.manifest)
    #expect(layers.record.histogram == shards.record.histogram)
  }

  @Test("a coarser voxel of an image is the mean of those it stands for")
  func means() throws {
    let fixture = try Fixture()
    let version = try fixture.database.add(try Fixture.image()) { UInt8($0[1] % 2 * 100 + $0[2] % 2 * 20) }
    // The mean of 0, 20, 100 and 120.
    let coarse = try version.read(Box(origin: [3, 10, 10], extent: [1, 1, 2]), level: 1)
    #expect(coarse.elements(as: UInt8.self) == [60, 60])
  }

  @Test("a bead keeps its physical position on all levels")
  func beads() throws {
    let fixture = try Fixture()
    var specification = try Fixture.image(shape: [32, 512, 520])
    specification.origin = [1000, 200, -50]
    // A bead of 8 × 16 × 16 voxels, aligned so that every level holds it whole.
    let bead = Box(lower: [8, 64, 128], upper: [16, 80, 144])
    let version = try fixture.database.add(specification) { position in
      bead.contains(Box(origin: position, extent: [1, 1, 1])) ? 200 : 0 as UInt8
    }
    // The centre of voxels 8 … 15 is 11.5, and so on: 1000 + 11.5 · 40, 200 + 71.5 · 10, −50 + 135.5 · 10.
    let expected = [1460.0, 915, 1305]
    #expect(version.levelCount >= 2)
    for (level, metadata) in version.multiscale.levels.enumerated() {
      let box = Box(try version.array(level: level).shape)
      let values = try version.read(box, level: level).elements(as: UInt8.self)
      var sums = [0.0, 0, 0]
      var count = 0.0
      for (place, value) in values.enumerated() where value > 0 {
        let position = box.position(ofOrdinal: place)
        for axis in 0..<3 {
          sums[axis] += Double(position[axis]) * metadata.scale[axis] + metadata.translation[axis]
        }
        count += 1
      }
      for axis in 0..<3 { #expect(abs(sums[axis] / count - expected[axis]) < 1e-9) }
    }
  }

  @Test("coarse ids are a subset of the fine ones, and ids above 2⁶³ survive")
  func ids() throws {
    let fixture = try Fixture()
    let specification = try Fixture.labels("d/cells", .uint64, classes: [.instance("mito")])
    func id(_ position: [Int]) -> UInt64 {
      let cell = position[1] / 7 % 5
      return cell == 0 ? 0 : 1 << 63 + UInt64(cell) + UInt64(position[2] / 90)
    }
    let version = try fixture.database.add(specification, id)
    let fine = Set(try version.read(Box(version.record.shape)).elements(as: UInt64.self))
    for level in 1..<version.levelCount {
      let box = Box(try version.array(level: level).shape)
      let coarse = Set(try version.read(box, level: level).elements(as: UInt64.self))
      #expect(coarse.isSubset(of: fine))
    }
    let known = try fixture.database.catalog.instances(ofVersion: version.record.id)
    #expect(Set(known.map(\.id)) == fine.subtracting([0]))
    let first = try #require(known.first { $0.id == 1 << 63 + 1 })
    // Rows 7 to 13, 42 to 48 … of 300, columns 0 to 89, 20 planes.
    let rows = (0..<300).filter { $0 / 7 % 5 == 1 }
    #expect(first.voxels == rows.count * 90 * 20)
    #expect(first.box == Box(lower: [0, 7, 0], upper: [20, (rows.last ?? 0) + 1, 90]))
    #expect(first.centroid[0] == 9.5)
  }

  @Test("voxels of 5:1 are reduced in y and x first")
  func anisotropic() throws {
    let fixture = try Fixture()
    var specification = try Fixture.image(shape: [10, 600, 600])
    specification.voxelSize = VoxelSize(z: 50, y: 10, x: 10)
    let version = try fixture.database.add(specification, texture)
    #expect(version.levelPlan.steps == [[1, 1, 1], [1, 2, 2], [1, 2, 2]])
    #expect(version.multiscale.levels[2].scale == [50, 40, 40])
  }

  @Test("equal voxels have equal hashes whatever the codec")
  func contentHash() throws {
    let fixture = try Fixture()
    var specification = try Fixture.image("d/a")
    let first = try fixture.database.add(specification, texture)
    specification.volume = try VolumeReference(parsing: "d/b")
    specification.compressionLevel = 6
    let second = try fixture.database.add(specification, texture)
    #expect(first.record.contentHash == second.record.contentHash)
    #expect(first.manifest != second.manifest)
    specification.volume = try VolumeReference(parsing: "d/c")
    let other = try fixture.database.add(specification) { $0 == [19, 299, 519] ? 1 : texture($0) }
    #expect(first.record.contentHash != other.record.contentHash)
  }

  @Test("statistics count voxels by value, and what is only background is not stored")
  func statistics() throws {
    let fixture = try Fixture()
    let version = try fixture.database.add(try Fixture.labels()) {
      $0[1] < 20 && $0[2] < 10 ? 255 : 0 as UInt8
    }
    #expect(
      Set(version.manifest.entries.keys.filter { $0.hasPrefix("0/") }) == [
        "0/c/0/0/0", "0/c/1/0/0", "0/c/2/0/0",
      ])
    let counts = try fixture.database.catalog.regionCounts(
      ofVersion: version.record.id, in: Box(version.record.shape))
    #expect(counts.counts == [255: 20 * 20 * 10])
    #expect(counts.boundaryChunks.isEmpty)
    #expect(version.classes.map(\.className) == ["mitochondrion"])
    #expect(version.record.histogram == nil)
  }

  @Test("a version of blank voxels has no shard and reads as zeros")
  func blank() throws {
    let fixture = try Fixture()
    let version = try fixture.database.add(try Fixture.labels()) { _ in 0 as UInt8 }
    #expect(version.manifest.entries.isEmpty)
    #expect(try version.read(Box(origin: [5, 5, 5], extent: [2, 2, 2])) == NDArray(.uint8, [2, 2, 2]))
    #expect(version.record.contentHash != nil)
  }

  @Test("a block of another shape, type or place, or written twice, is refused")
  func blocks() throws {
    let fixture = try Fixture()
    let writer = try VersionWriter(try Fixture.image(), in: fixture.database)
    let block = NDArray(.uint8, [8, 128, 128])
    #expect(throws: DatabaseError.self) {
      try writer.writeShard(NDArray(.uint16, [8, 128, 128]), at: [0, 0, 0])
    }
    #expect(throws: DatabaseError.self) {
      try writer.writeShard(NDArray(.uint8, [8, 128, 127]), at: [0, 0, 0])
    }
    #expect(throws: DatabaseError.self) { try writer.writeShard(block, at: [3, 0, 0]) }
    try writer.writeShard(block, at: [0, 0, 0])
    #expect(throws: DatabaseError.self) { try writer.writeShard(block, at: [0, 0, 0]) }
    try writer.abandon()
  }

  @Test("labels of real numbers, classes without value and unknown classes are refused, without a trace")
  func badSpecifications() throws {
    let fixture = try Fixture()
    #expect(throws: DatabaseError.self) {
      try VersionWriter(try Fixture.labels("d/m", .float32), in: fixture.database)
    }
    #expect(throws: DatabaseError.self) {
      try VersionWriter(try Fixture.labels("d/m", classes: []), in: fixture.database)
    }
    #expect(throws: DatabaseError.self) {
      try VersionWriter(
        try Fixture.labels("d/m", classes: [.semantic("mito", value: 1), .semantic("er", value: 1)]),
        in: fixture.database)
    }
    #expect(throws: DatabaseError.self) {
      try VersionWriter(
        try Fixture.labels("d/m", classes: [.semantic("mitochondriom", value: 1)]), in: fixture.database)
    }
    #expect(throws: DatabaseError.self) { try VersionWriter(try Fixture.image("x/em"), in: fixture.database) }
    #expect(try fixture.database.catalog.volumes().isEmpty)
    #expect(try FileSystem.names(in: fixture.database.layout.staging).isEmpty)
  }

  @Test("a volume keeps its kind")
  func kinds() throws {
    let fixture = try Fixture()
    try fixture.database.add(try Fixture.image("d/em"), texture)
    #expect(throws: DatabaseError.wrongKind(volume: "d/em", is: "image", asked: "label")) {
      try VersionWriter(try Fixture.labels("d/EM"), in: fixture.database)
    }
  }

  @Test("an abandoned version leaves no trace, and its volume goes if it has no other")
  func abandoning() throws {
    let fixture = try Fixture()
    let writer = try VersionWriter(try Fixture.image(), in: fixture.database)
    try writer.writeLayer(NDArray(.uint8, [8, 300, 520]), layer: 0)
    try writer.abandon()
    #expect(try fixture.database.catalog.volumes().isEmpty)
    #expect(try FileSystem.names(in: fixture.database.layout.staging).isEmpty)
    try fixture.database.add(try Fixture.image(), texture)
    let second = try VersionWriter(try Fixture.image(), in: fixture.database)
    try second.abandon()
    #expect(try fixture.database.version(try VersionReference(parsing: "d/em")).record.number == 1)
    // A number is never given twice.
    #expect(try fixture.database.add(try Fixture.image(), texture).record.number == 3)
  }

  @Test("labels lie beside their image and name it by a relative path")
  func sourceImage() throws {
    let fixture = try Fixture()
    try fixture.database.add(try Fixture.image(), texture)
    var specification = try Fixture.labels()
    specification.image = try VersionReference(parsing: "d/em")
    let labels = try fixture.database.add(specification) { $0[0] == 3 ? 255 : 0 as UInt8 }
    let group = try GroupMetadata(opening: "", in: LocalStore(path: labels.folder))
    let label = try ImageLabelMetadata(attributes: group.attributes, key: "zarr.json")
    #expect(label?.sourceImage == "../../em/1")
    // Okabe and Ito's blue is what the catalog has for mitochondria.
    #expect(label?.colors == [.init(value: 255, rgba: [0, 114, 178, 255])])
    #expect(labels.multiscale.name == "d/mito@1")
    #expect(FileSystem.kind("\(labels.folder)/../../em/1/zarr.json") == .file)
  }

  @Test("committed shards are read-only files")
  func modes() throws {
    let fixture = try Fixture()
    let version = try fixture.database.add(try Fixture.image(), texture)
    #expect(FileSystem.mode("\(version.folder)/0/c/0/0/0") == 0o444)
  }

  @Test("the histogram of an image and the range to show it in come from the same pass")
  func histogram() throws {
    let fixture = try Fixture()
    let version = try fixture.database.add(try Fixture.image()) { UInt8($0[2] % 200) }
    let histogram = try #require(version.record.histogram)
    #expect(histogram.counts.reduce(0, +) == 20 * 300 * 520)
    #expect(histogram.binWidth == 1)
    #expect(histogram.counts[0] == 3 * 20 * 300)
    // Half a per cent are 15,600 voxels: more have the value 0 (18,000), fewer 199 (12,000).
    #expect(version.record.displayRange == 0...198)
  }
}
