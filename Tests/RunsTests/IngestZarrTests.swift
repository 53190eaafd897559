// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import ImageFiles
import Runs
import Testing
import VolumeDatabase

@Suite("Ingest of Zarr volumes of other programs")
struct IngestZarrTests {
  static let space: [(name: String, type: String, unit: String?)] = ["z", "y", "x"].map {
    ($0, "space", "micrometer")
  }

  private func grey(_ position: [Int]) -> Double {
    Double((position[0] * 31 + position[1] * 7 + position[2] * 3) % 251)
  }

  private func expectGrey(
    _ voxels: NDArray, at origin: [Int] = [0, 0, 0], _ location: SourceLocation = #_sourceLocation
  ) {
    let found = voxels.elements(as: UInt8.self)
    for (number, position) in Box(voxels.extent).positions.enumerated() {
      let expected = UInt8(grey((0..<3).map { position[$0] + origin[$0] }))
      if found[number] != expected {
        Issue.record("\(found[number]) at \(position), not \(expected)", sourceLocation: location)
        return
      }
    }
  }

  @Test("an NGFF 0.4 image brings voxels, voxel size and origin, and its documents are remembered")
  func image() throws {
    let fixture = try IngestFixture()
    let volume = ForeignVolume(URL(fileURLWithPath: fixture.path + "-em.zarr"))
    try volume.write { grey($0) }
    try volume.describe(axes: Self.space, scale: [0.05, 0.008, 0.0123], translation: [1, -0.5, 0])
    let outcome = try fixture.run(.image, "d/em", [volume.url.path]).start(in: fixture.database)
    #expect(outcome.version.shape == [11, 20, 14])
    #expect(outcome.version.voxelSize == VoxelSize(z: 50, y: 8, x: 12.3))
    #expect(outcome.version.origin == [1000, -500, 0])
    #expect(outcome.coverage == [Box([11, 20, 14])] && outcome.sliceCount == 11)
    expectGrey(try fixture.voxels("d/em"))
    let files = try fixture.database.catalog.sourceFiles(ofVersion: outcome.version.id)
    #expect(
      files.map { URL(fileURLWithPath: $0.path).lastPathComponent } == [".zgroup", ".zattrs", ".zarray"])
    #expect(files.allSatisfy { $0.byteCount > 0 && $0.sha256.count == 64 })
  }

  @Test("axes of one position are left out, and of several channels one is chosen")
  func axes() throws {
    let fixture = try IngestFixture()
    var volume = ForeignVolume(
      URL(fileURLWithPath: fixture.path + "-tczyx.zarr"), shape: [1, 2, 5, 20, 14], chunks: [1, 1, 4, 16, 8])
    try volume.write { $0[1] == 1 ? grey(Array($0[2...])) : 9 }
    let all = [("t", "time", nil), ("c", "channel", nil)] + Self.space
    try volume.describe(axes: all, scale: [1, 1, 0.05, 0.008, 0.008])
    var run = try fixture.run(.image, "d/em", [volume.url.path])
    #expect(throws: ImageFileError.severalChannels(path: volume.url.path, count: 2)) {
      try run.start(in: fixture.database)
    }
    run.channel = 1
    #expect(try run.start(in: fixture.database).version.shape == [5, 20, 14])
    expectGrey(try fixture.voxels("d/em"))

    volume.shape[0] = 3
    try volume.write { _ in 0 }
    run.volume = "d/time"
    #expect { try run.start(in: fixture.database) } throws: {
      "\($0)".contains("3 positions along the axis t")
    }
  }

  @Test("a plain array needs a voxel size and is z, y, x")
  func plainArray() throws {
    let fixture = try IngestFixture()
    let volume = ForeignVolume(URL(fileURLWithPath: fixture.path + "-store"))
    try volume.write("a/b") { grey($0) }
    let path = volume.url.appendingPathComponent("a/b").path
    var run = try fixture.run(.image, "d/em", [path])
    #expect(throws: IngestError.noVoxelSize(path: path)) { try run.start(in: fixture.database) }
    run.voxelSize = VoxelSize(z: 50, y: 8, x: 8)
    _ = try run.start(in: fixture.database)
    expectGrey(try fixture.voxels("d/em"))
  }

  @Test("a region is a volume of its own whose origin is where it was")
  func region() throws {
    let fixture = try IngestFixture()
    let volume = ForeignVolume(URL(fileURLWithPath: fixture.path + "-em.zarr"))
    try volume.write { grey($0) }
    try volume.describe(axes: Self.space, scale: [0.05, 0.008, 0.008], translation: [1, 0, 0])
    var run = try fixture.run(.image, "d/em", [volume.url.path])
    run.region = "z=3:10,y=5:20"
    let version = try run.start(in: fixture.database).version
    #expect(version.shape == [7, 15, 14] && version.origin == [1150, 40, 0])
    expectGrey(try fixture.voxels("d/em"), at: [3, 5, 0])
    run.volume = "d/none"
    run.region = "z=3:12"
    #expect(throws: DatabaseError.self) { try run.start(in: fixture.database) }
  }

  @Test("labels of whole numbers take the image's voxel size, and need one that agrees")
  func labels() throws {
    let fixture = try IngestFixture()
    let image = ForeignVolume(URL(fileURLWithPath: fixture.path + "-em.zarr"))
    try image.write { grey($0) }
    try image.describe(axes: Self.space, scale: [0.05, 0.008, 0.008])
    _ = try fixture.run(.image, "d/em", [image.url.path]).start(in: fixture.database)

    var volume = ForeignVolume(URL(fileURLWithPath: fixture.path + "-mito.zarr"), shape: [4, 20, 14])
    volume.type = "<f4"
    try volume.write { $0[1] < 5 ? 2 : 0 }
    try volume.describe(axes: Self.space, scale: [1, 1, 1])
    var run = try fixture.run(.label, "d/mito", [volume.url.path])
    run.like = "d/em"
    run.classes = try ClassMap(parsing: "mito=2")
    run.positions = try SlicePositions(parsing: "z=2:6")
    #expect { try run.start(in: fixture.database) } throws: { "\($0)".contains("--voxel-size 50,8,8nm") }
    run.voxelSize = VoxelSize(z: 50, y: 8, x: 8)
    let outcome = try run.start(in: fixture.database)
    #expect(outcome.coverage == [Box(origin: [2, 0, 0], extent: [4, 20, 14])])
    #expect(outcome.version.dataType == .uint32)
    let voxels = try fixture.voxels("d/mito").elements(as: UInt32.self)
    #expect(voxels.count { $0 == 2 } == 4 * 5 * 14 && voxels.count { $0 != 0 } == 4 * 5 * 14)

    try volume.write { $0 == [3, 7, 7] ? 2.5 : 0 }
    run.volume = "d/other"
    #expect(throws: IngestError.fractionalLabel("the value 2.5", slice: "\(volume.url.path) z=3")) {
      try run.start(in: fixture.database)
    }
  }

  @Test(
    "what cannot be a volume is refused by what is wrong",
    arguments: [
      (#"{"ome": {"version": "0.6dev1", "multiscales": [{}]}}"#, "OME-NGFF 0.6dev1"),
      (#"{"multiscales": [{"version": "0.3"}]}"#, "OME-NGFF 0.3"),
      (#"{"labels": ["mito", "er"]}"#, "mito, er"), (#"{"plate": {}}"#, "plate"),
      (#"{"bioformats2raw.layout": 3}"#, "collection"), ("{}", "without an OME-NGFF image"),
    ])
  func refused(attributes: String, reason: String) throws {
    let fixture = try IngestFixture()
    let volume = ForeignVolume(URL(fileURLWithPath: fixture.path + "-odd"))
    try volume.put("{\"zarr_format\": 2}", ".zgroup")
    try volume.put(attributes, ".zattrs")
    let run = try fixture.run(.image, "d/em", [volume.url.path])
    #expect { try run.start(in: fixture.database) } throws: { "\($0)".contains(reason) }
    #expect(try fixture.traces().filter { !$0.hasPrefix("volumes") && $0.contains("/") } == [])
  }

  @Test("axes in another order, an empty .zarr folder and a volume among slices are refused")
  func wrongUse() throws {
    let fixture = try IngestFixture()
    let volume = ForeignVolume(URL(fileURLWithPath: fixture.path + "-xyz.zarr"))
    try volume.write { _ in 1 }
    try volume.describe(axes: Self.space.reversed(), scale: [1, 1, 1])
    #expect {
      try fixture.run(.image, "d/em", [volume.url.path]).start(in: fixture.database)
    } throws: { "\($0)".contains("in the order x, y, z") }
    #expect(throws: IngestError.severalVolumes(path: volume.url.path)) {
      try fixture.run(.image, "d/em", [volume.url.path, "x.tif"]).start(in: fixture.database)
    }
    let empty = fixture.path + "-empty.zarr"
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    #expect {
      try fixture.run(.image, "d/em", [empty]).start(in: fixture.database)
    } throws: { "\($0)".contains("no Zarr array or group at '\(empty)'") }
  }

  @Test(
    "blocks are whole shards, together the volume, and within memory", arguments: [1 << 20, 50 << 20, nil])
  func blocks(memory: Int?) throws {
    let fixture = try IngestFixture()
    let volume = ForeignVolume(
      URL(fileURLWithPath: fixture.path + "-em.zarr"), shape: [40, 70, 90], chunks: [16, 64, 64])
    try volume.write { grey($0) }
    try volume.describe(axes: Self.space, scale: [0.05, 0.008, 0.008])
    var run = try fixture.run(.image, "d/em", [volume.url.path])
    run.memory = memory.map { $0 + 40 << 20 }
    _ = try run.start(in: fixture.database)
    expectGrey(try fixture.voxels("d/em"))
  }
}
