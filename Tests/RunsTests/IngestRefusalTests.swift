// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import ImageFiles
import Runs
import Testing
import VolumeDatabase

@Suite("Ingest refuses bad input in one sentence and leaves no trace")
struct IngestRefusalTests {
  /// Starts a run that must fail, and returns its sentence.
  private func refusal(
    _ fixture: IngestFixture, _ run: IngestRun, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let before = try fixture.traces()
    do {
      _ = try run.start(in: fixture.database)
      Issue.record("it was not refused", sourceLocation: sourceLocation)
      return ""
    } catch {
      #expect(try fixture.traces() == before, "a trace is left", sourceLocation: sourceLocation)
      return "\(error)"
    }
  }

  private func imageRun(_ fixture: IngestFixture, _ paths: [String]) throws -> IngestRun {
    var run = try fixture.run(.image, "d/em", paths)
    run.voxelSize = VoxelSize(z: 50, y: 8, x: 8)
    return run
  }

  private func labelRun(
    _ fixture: IngestFixture, _ classes: String, slices: Int, _ voxel: (Int, Int, Int) -> UInt8
  ) throws -> IngestRun {
    try fixture.ingestImage(0..<3)
    let paths = try (0..<slices).map { z in
      try fixture.write("labels/z\(z).png") { voxel(z, $0, $1) }
    }
    var run = try fixture.run(.label, "d/mito", paths)
    run.like = "d/em"
    run.classes = try ClassMap(parsing: classes)
    return run
  }

  @Test("a missing slice")
  func missingSlice() throws {
    let fixture = try IngestFixture()
    let text = try refusal(fixture, imageRun(fixture, try fixture.writeImage([0, 1, 3])))
    #expect(text.hasPrefix("slice 2 is missing between '") && text.contains("--allow-gaps"))
  }

  @Test("numbers that are no slice numbers, even where gaps are allowed")
  func scatteredNumbers() throws {
    let fixture = try IngestFixture()
    var run = try imageRun(fixture, try fixture.writeImage([20_240_131_115_959, 20_240_131_120_000, 3]))
    run.allowGaps = true
    #expect(try refusal(fixture, run).contains("too far apart to be those of slices"))
  }

  @Test("slices of unequal size")
  func unequalSlices() throws {
    let fixture = try IngestFixture()
    let paths =
      try fixture.writeImage([0, 1]) + [try fixture.write("em/z2.png", size: [48, 41]) { _, _ in 1 }]
    #expect(try refusal(fixture, imageRun(fixture, paths)).contains("'\(paths[2])' has 48 × 41 pixels"))
  }

  @Test("no voxel size")
  func noVoxelSize() throws {
    let fixture = try IngestFixture()
    var run = try imageRun(fixture, try fixture.writeImage([0, 1]))
    run.voxelSize = nil
    #expect(try refusal(fixture, run).contains("give --voxel-size z,y,x with a unit"))
  }

  @Test("an unknown class, with the name that may be meant")
  func unknownClass() throws {
    let fixture = try IngestFixture()
    let run = try labelRun(fixture, "mitochondrium=1", slices: 3) { _, _, _ in 1 }
    #expect(try refusal(fixture, run).contains("did you mean 'mitochondri"))
  }

  @Test("a value that no class has, in whatever slice it hides")
  func unnamedValue() throws {
    let fixture = try IngestFixture()
    let run = try labelRun(fixture, "mito=255,background=9", slices: 3) { z, y, x in
      z == 2 && y == 47 && x == 39 ? 254 : (y == 1 ? 255 : 9)
    }
    let text = try refusal(fixture, run)
    #expect(text.contains("labels/z2.png' has the value 254 in 1 voxel, which --classes does not name"))
  }

  @Test("a compressed slice that breaks off in the middle of a run")
  func damagedSlice() throws {
    let fixture = try IngestFixture()
    let paths = try fixture.writeImage(0..<9)
    let data = try Data(contentsOf: URL(fileURLWithPath: paths[8]))
    try data.prefix(data.count - 40).write(to: URL(fileURLWithPath: paths[8]))
    let before = try fixture.database.catalog.volumes()
    #expect(throws: ImageFileError.self) {
      _ = try imageRun(fixture, paths).start(in: fixture.database)
    }
    #expect(try fixture.database.catalog.volumes() == before)
    #expect(try fixture.database.abandonedVersions().isEmpty)
    let run = try #require(try fixture.database.catalog.runs().last)
    #expect(run.state == .failed && run.error?.contains("z8.png") == true)
  }

  @Test("a volume that has a version, and a new version of one that has none")
  func versions() throws {
    let fixture = try IngestFixture()
    var run = try imageRun(fixture, try fixture.writeImage(0..<3))
    run.isNewVersion = true
    #expect(try refusal(fixture, run).contains("d/em has no version yet"))
    try fixture.ingestImage(0..<3)
    run.isNewVersion = false
    #expect(try refusal(fixture, run).contains("--new-version"))
    run.kind = .label
    run.classes = try ClassMap(parsing: "mito=1")
    #expect(try refusal(fixture, run).contains("kind image"))
  }

  @Test("labels that do not fit their image")
  func misfits() throws {
    let fixture = try IngestFixture()
    var run = try labelRun(fixture, "mito=1", slices: 2) { _, _, _ in 1 }
    #expect(try refusal(fixture, run).contains("there are 2 slices but d/em@1 has 3"))
    run.positions = try SlicePositions(parsing: "z=0:3")
    #expect(try refusal(fixture, run).contains("--at gives 3 positions for 2 slices"))
    run.positions = try SlicePositions(parsing: "z=1,1")
    #expect(try refusal(fixture, run).contains("z=1"))
    run.positions = try SlicePositions(parsing: "z=2,3")
    #expect(try refusal(fixture, run).contains("z=3"))
    run.positions = nil
    run.voxelSize = VoxelSize(z: 1, y: 1, x: 1)
    run.paths.append(try fixture.write("labels/z2.png") { _, _ in 1 })
    #expect(try refusal(fixture, run).contains("labels take the image's"))
    run.voxelSize = nil
    run.paths = [try fixture.write("narrow/z0.png", size: [48, 39]) { _, _ in 1 }]
    #expect(try refusal(fixture, run).contains("has 48 × 39 pixels (rows × columns) but d/em@1 has 48 × 40"))
  }

  @Test(
    "text that gives no classes",
    arguments: ["", "mito", "=1", "mito=x", "mito=1,er=1", "mito=nonzero,er=2", "background=3"])
  func badClasses(text: String) {
    if text == "mito" {
      #expect(throws: Never.self) { try ClassMap(parsing: text) }
    } else {
      #expect(throws: IngestError.self) { try ClassMap(parsing: text) }
    }
  }

  @Test(
    "text that gives no positions",
    arguments: ["", "18", "z=", "z=a", "z=3:3", "z=1,,2", "z=-1", "y=1", "z=0:99999999999"])
  func badPositions(text: String) {
    #expect(throws: IngestError.badPositions(text)) { try SlicePositions(parsing: text) }
  }

  @Test("positions are read as lists and half-open ranges")
  func positions() throws {
    #expect(try SlicePositions(parsing: "z=0:3,7").values == [0, 1, 2, 7])
    #expect("\(SlicePositions([4, 5, 6, 1]))" == "z=4:7,1")
  }

  @Test(
    "a class map is recorded as it was written", arguments: ["mito=255,er=2,background=9", "mito=nonzero"])
  func recordedClasses(text: String) throws {
    let map = try ClassMap(parsing: text)
    #expect("\(map)" == text)
    #expect(try JSONDecoder().decode(ClassMap.self, from: JSONEncoder().encode(map)) == map)
  }
}
