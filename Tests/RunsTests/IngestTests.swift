// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import ImageFiles
import Runs
import Testing
import VolumeDatabase

@Suite("Ingest")
struct IngestTests {
  @Test("an image has the voxels of its slices, in the order of their numbers")
  func image() throws {
    let fixture = try IngestFixture()
    let outcome = try fixture.ingestImage(0..<11)
    #expect(outcome.version.reference == "d/em@1")
    #expect(outcome.version.shape == [11, 48, 40])
    #expect(outcome.addedDataset)
    #expect(outcome.coverage == [Box([11, 48, 40])])
    let voxels = try fixture.voxels("d/em").elements(as: UInt8.self)
    for z in 0..<11 {
      for y in 0..<48 {
        for x in 0..<40 {
          #expect(voxels[(z * 48 + y) * 40 + x] == IngestFixture.grey(z, y, x))
        }
      }
    }
  }

  @Test("the run remembers its settings, and the version its files with their SHA-256")
  func record() throws {
    let fixture = try IngestFixture()
    let outcome = try fixture.ingestImage(0..<5)
    let run = try fixture.database.catalog.run(outcome.runID)
    #expect(run.kind == .ingest && run.state == .done)
    #expect(run.parameters.contains("files-d/em") && run.programVersion == ProgramVersion.line)
    let files = try fixture.database.catalog.sourceFiles(ofVersion: outcome.version.id)
    #expect(files.count == 5)
    #expect(try files[4].sha256 == SliceStack(opening: [files[4].path]).files[0].sha256())
  }

  @Test("gaps that are allowed stay empty and uncovered")
  func gaps() throws {
    let fixture = try IngestFixture()
    let outcome = try fixture.ingestImage([5, 6, 8, 9, 17], allowGaps: true)
    #expect(outcome.version.shape[0] == 18)
    #expect(outcome.coverage.map { $0.range(0) } == [5..<7, 8..<10, 17..<18])
    let voxels = try fixture.voxels("d/em").elements(as: UInt8.self)
    #expect(voxels[7 * 48 * 40..<8 * 48 * 40].allSatisfy { $0 == 0 })
    #expect(voxels[17 * 48 * 40] == IngestFixture.grey(17, 0, 0))
    #expect(
      try fixture.database.catalog.coverage(ofVersion: outcome.version.id).map(\.box) == outcome.coverage)
  }

  @Test("labels lie where --at puts them, and cover those slices alone")
  func labelsAt() throws {
    let fixture = try IngestFixture()
    try fixture.ingestImage(0..<11)
    let paths = try [3, 7].map { number in
      try fixture.write("mito/\(number).png") { y, x in y < 10 && x < number ? 255 : 0 }
    }
    var run = try fixture.run(.label, "d/mito", paths)
    run.like = "d/em"
    run.positions = try SlicePositions(parsing: "z=9,2")
    run.classes = try ClassMap(parsing: "mito=255")
    let outcome = try run.start(in: fixture.database)
    #expect(outcome.version.shape == [11, 48, 40])
    #expect(outcome.coverage.map { $0.range(0) } == [2..<3, 9..<10])
    let voxels = try fixture.voxels("d/mito").elements(as: UInt8.self)
    func count(_ z: Int) -> Int { voxels[z * 1920..<(z + 1) * 1920].count { $0 == 255 } }
    #expect((0..<11).map(count) == [0, 0, 70, 0, 0, 0, 0, 0, 0, 30, 0])
    let stored = try fixture.database.version(outcome.version)
    #expect(stored.classes.map(\.className) == ["mitochondrion"] && stored.classes[0].value == 255)
  }

  @Test("with gaps allowed labels find their place by the numbers of the image's slices")
  func labelsByNumber() throws {
    let fixture = try IngestFixture()
    try fixture.ingestImage(stride(from: 26, through: 34, by: 2))
    var run = try fixture.run(.label, "d/mito", [try fixture.write("mito/z30.png") { _, _ in 1 }])
    run.like = "d/em"
    run.allowGaps = true
    run.classes = try ClassMap(parsing: "mito=1")
    #expect(try run.start(in: fixture.database).coverage == [Box(origin: [2, 0, 0], extent: [1, 48, 40])])

    // A corrected slice does not change how the slices are numbered.
    var fix = try fixture.run(.image, "d/em", [try fixture.write("fixed/em7.png") { _, _ in 77 }])
    fix.positions = SlicePositions([1])
    fix.isNewVersion = true
    _ = try fix.start(in: fixture.database)
    run.volume = "d/again"
    #expect(try run.start(in: fixture.database).coverage == [Box(origin: [2, 0, 0], extent: [1, 48, 40])])

    var other = try fixture.run(.label, "d/er", [try fixture.write("er/z31.png") { _, _ in 1 }])
    other.like = "d/em"
    other.allowGaps = true
    other.classes = try ClassMap(parsing: "er=1")
    #expect(throws: IngestError.self) { try other.start(in: fixture.database) }
  }

  @Test("slices far apart, as few labelled ones are, need no more than --at or the numbers in their names")
  func scatteredLabels() throws {
    let fixture = try IngestFixture()
    try fixture.ingestImage([1, 2, 4, 30, 60, 116], allowGaps: true)
    let paths = try [1, 30, 60, 116].map { try fixture.write("mito/z\($0).png") { _, _ in 255 } }
    var run = try fixture.run(.label, "d/mito", paths)
    run.like = "d/em"
    run.classes = try ClassMap(parsing: "mito=255")
    run.positions = try SlicePositions(parsing: "z=1,30,60,116")
    let placed = try run.start(in: fixture.database)
    #expect(placed.coverage.map { $0.range(0) } == [1..<2, 30..<31, 60..<61, 116..<117])
    run.volume = "d/again"
    run.positions = nil
    run.allowGaps = true
    #expect(try run.start(in: fixture.database).coverage == placed.coverage)
  }

  @Test("nonzero stores 1, whatever the depth of the slices")
  func nonzero() throws {
    let fixture = try IngestFixture()
    try fixture.ingestImage(0..<2)
    let first = try fixture.write("mito/0.png") { y, _ in y == 0 ? 200 : 0 }
    let second = String(first.dropLast(5)) + "1.png"
    var wide = [UInt16](repeating: 0, count: 1920)
    wide[7] = 70
    try PNGWriter.write(NDArray(wide, [48, 40]), to: second)
    var run = try fixture.run(.label, "d/mito", [first, second])
    run.like = "d/em"
    run.classes = try ClassMap(parsing: "mito=nonzero")
    let outcome = try run.start(in: fixture.database)
    #expect(outcome.version.dataType == .uint8)
    let voxels = try fixture.voxels("d/mito").elements(as: UInt8.self)
    #expect(voxels[..<40].allSatisfy { $0 == 1 } && voxels[1920 + 7] == 1 && voxels.count { $0 != 0 } == 41)
  }

  @Test("instances keep their ids and are found with their boxes")
  func instances() throws {
    let fixture = try IngestFixture()
    try fixture.ingestImage(0..<3)
    let paths = try (0..<3).map { z in
      try fixture.write("mito/\(z).png") { y, x in y < 2 ? 7 : (y == 40 && x > 37 ? 9 : 0) }
    }
    var run = try fixture.run(.label, "d/mito", paths)
    run.like = "d/em"
    run.classes = try ClassMap(parsing: "mito")
    run.hasInstances = true
    let outcome = try run.start(in: fixture.database)
    let found = try fixture.database.catalog.instances(
      ofVersion: outcome.version.id)
    #expect(found.map(\.id).sorted() == [7, 9])
    #expect(found.first { $0.id == 9 }?.voxels == 6)
  }

  @Test("a new version of some slices shares the others with the version before")
  func correction() throws {
    let fixture = try IngestFixture()
    try fixture.ingestImage(0..<11)
    var run = try fixture.run(.image, "d/em", [try fixture.write("fixed/em5.png") { _, _ in 77 }])
    run.positions = try SlicePositions(parsing: "z=5")
    run.isNewVersion = true
    let outcome = try run.start(in: fixture.database)
    #expect(outcome.version.number == 2)
    let voxels = try fixture.voxels("d/em").elements(as: UInt8.self)
    #expect(voxels[5 * 1920..<6 * 1920].allSatisfy { $0 == 77 })
    for z in [0, 4, 6, 10] { #expect(voxels[z * 1920] == IngestFixture.grey(z, 0, 0)) }
    #expect(
      try fixture.database.catalog.coveredBoxes(
        ofVersion: outcome.version.id, in: Box([11, 48, 40])
      ).reduce(0) { $0 + $1.count } == 11 * 1920)
  }

  @Test("less memory gives smaller shards, then shallower layers, and the same voxels")
  func memory() throws {
    let fixture = try IngestFixture()
    try fixture.ingestImage(0..<70)
    var run = try fixture.run(.image, "d/small", try fixture.writeImage(0..<70))
    run.voxelSize = VoxelSize(z: 8, y: 8, x: 8)
    run.chunk = nil
    run.shard = nil
    run.threads = 1
    // 40 MiB for the program; a layer of 64 slices takes 240 KiB and four times a shard.
    run.memory = 40 << 20 + 250_000
    let outcome = try run.start(in: fixture.database)
    #expect(outcome.version.shard[0] < 32)
    #expect(try fixture.voxels("d/small") == fixture.voxels("d/em"))
    run.volume = "d/none"
    run.memory = 40 << 20
    #expect(throws: IngestError.self) { try run.start(in: fixture.database) }
  }

  @Test("floating-point labels are stored as whole numbers")
  func floatLabels() throws {
    let fixture = try IngestFixture()
    try fixture.ingestImage(0..<1)
    let path = fixture.path + "-labels.tif"
    let writer = try TIFFWriter(path, extent: [1, 48, 40], dataType: .float32, voxelSize: nil)
    var values = [Float](repeating: 0, count: 1920)
    values[3] = 2
    try writer.write(NDArray(values, [48, 40]))
    try writer.finish()
    var run = try fixture.run(.label, "d/mito", [path])
    run.like = "d/em"
    run.classes = try ClassMap(parsing: "mito=2")
    #expect(try run.start(in: fixture.database).version.dataType == .uint32)
    #expect(try fixture.voxels("d/mito").elements(as: UInt32.self)[3] == 2)
  }
}
