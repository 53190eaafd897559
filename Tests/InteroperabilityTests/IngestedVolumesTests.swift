// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

/// Files that tifffile and Pillow wrote, ingested by `vemdb` and read by zarr-python and tensorstore.
@Suite(
  "Ingested volumes in other people's programs",
  .enabled(if: ForeignProgram.arePresent, "\(ForeignProgram.absence)"))
struct IngestedVolumesTests {
  static let sources = SourceFiles()

  /// Ingests into a new database and returns the folder of the only version of `d/v`, and the program.
  private func ingest(
    _ folder: TemporaryFolder, _ kind: String, _ paths: [String], _ options: String...
  ) throws -> URL {
    let program = VemdbProgram(database: folder("lab.vemdb"))
    let made = try program("init", folder("lab.vemdb").path)
    try #require(made.exitCode == 0, "\(made)")
    let outcome = try program.run(["ingest", kind, "d/v"] + paths + options)
    try #require(outcome.exitCode == 0, "\(outcome)")
    return folder("lab.vemdb/volumes/d/v/1")
  }

  private func expectValid(_ group: URL) throws {
    for validator in [ForeignProgram.omeZarrModels, .yaozarrs] {
      let outcome = try validator.run("validate", group.path)
      #expect(outcome.exitCode == 0, "\(validator): \(outcome)")
    }
  }

  private func expectVoxels(_ group: URL, _ source: String...) throws {
    let array = group.appendingPathComponent("0").path
    let expected = try ForeignProgram.python.run([ForeignProgram.script("digest.py")] + source)
    try #require(expected.exitCode == 0, "\(expected)")
    #expect(try ForeignProgram.digest("zarr", array) == expected.standardOutput)
    #expect(try ForeignProgram.digest("tensorstore", array) == expected.standardOutput)
  }

  @Test(
    "a TIFF stack of any type has the voxels that tifffile reads",
    arguments: ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "big-endian"])
  func stacks(name: String) throws {
    let folder = try TemporaryFolder()
    let path = try Self.sources.path("\(name).tif")
    let group = try ingest(folder, "image", [path], "--voxel-size", "50,8,8nm")
    try expectVoxels(group, "tifffile", path)
    try expectValid(group)
  }

  @Test("an ImageJ stack brings its voxel size along")
  func imageJ() throws {
    let folder = try TemporaryFolder()
    let path = try Self.sources.path("imagej.tif")
    let group = try ingest(folder, "image", [path])
    try expectVoxels(group, "tifffile", path)
    let metadata = try String(contentsOf: group.appendingPathComponent("zarr.json"), encoding: .utf8)
    let scale = metadata.filter { !$0.isWhitespace }
    #expect(scale.contains("\"scale\":[50,12,8]") || scale.contains("\"scale\":[50.0,12.0,8.0]"))
  }

  @Test("a folder of PNG slices has the voxels that Pillow reads")
  func slices() throws {
    let folder = try TemporaryFolder()
    let path = try Self.sources.path("image")
    let group = try ingest(folder, "image", [path], "--voxel-size", "0.05,0.008,0.008um")
    let arguments = ["pillow"] + (try Self.sources.slices("image"))
    let expected = try ForeignProgram.python.run([ForeignProgram.script("digest.py")] + arguments)
    #expect(
      try ForeignProgram.digest("zarr", group.appendingPathComponent("0").path) == expected.standardOutput)
    try expectValid(group)
  }

  @Test("labels are valid label images beside their image, and have the voxels of their slices")
  func labels() throws {
    let folder = try TemporaryFolder()
    let program = VemdbProgram(database: folder("lab.vemdb"))
    _ = try ingest(folder, "image", [try Self.sources.path("image")], "--voxel-size", "50,8,8nm")
    func labels(_ volume: String, _ source: String, _ options: String...) throws -> URL {
      let path = try Self.sources.path(source)
      let outcome = try program.run(["ingest", "labels", "d/\(volume)", path, "--like", "d/v"] + options)
      try #require(outcome.exitCode == 0, "\(outcome)")
      let group = folder("lab.vemdb/volumes/d/\(volume)/1")
      try expectValid(group)
      return group.appendingPathComponent("0")
    }
    func pillow(_ source: String, _ options: String...) throws -> String {
      let arguments = ["pillow"] + (try Self.sources.slices(source)) + options
      return try ForeignProgram.python.run([ForeignProgram.script("digest.py")] + arguments).standardOutput
    }
    let mask = try labels("mask", "mask", "--classes", "mito=255")
    #expect(try ForeignProgram.digest("tensorstore", mask.path) == pillow("mask"))
    let one = try labels("one", "mask", "--classes", "mito=nonzero")
    #expect(try ForeignProgram.digest("zarr", one.path) == pillow("mask", "--nonzero"))
    let ids = try labels("ids", "ids", "--classes", "mito=nonzero", "--instances")
    #expect(try ForeignProgram.digest("zarr", ids.path) == pillow("ids"))
    let large = try labels("large", "large-ids.tif", "--classes", "mito", "--instances")
    #expect(
      try ForeignProgram.digest("zarr", large.path)
        == ForeignProgram.digest("tifffile", try Self.sources.path("large-ids.tif")))
    let palette = try labels("palette", "palette", "--classes", "mito=2", "--at", "z=3,4")
    #expect(
      try ForeignProgram.digest("zarr", palette.path, "--first", "3", "--count", "2") == pillow("palette"))
  }

  @Test(
    "the real sets have the voxels that tifffile and Pillow read",
    .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
  func realSets() throws {
    let data = SharedData.url("data")
    func files(_ folder: String) throws -> [String] {
      let url = data.appendingPathComponent(folder)
      return try FileManager.default.contentsOfDirectory(atPath: url.path)
        .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
        .map { url.appendingPathComponent($0).path }
    }
    let sets: [(name: String, reader: String, paths: [String], size: String)] = [
      (
        "epfl", "tifffile",
        ["000-055", "056-111"].map {
          data.appendingPathComponent("epfl-hippocampus-fibsem/train_raw_z\($0).tif").path
        }, "5,5,5nm"
      ),
      ("sbem", "pillow", try files("brain-sbem-cdeep3m/images"), "40,5.9,5.9nm"),
      ("vnc", "tifffile", try files("vnc-drosophila-sstem/raw"), "50,4.6,4.6nm"),
      (
        "hela", "tifffile",
        (0..<5).map { data.appendingPathComponent("hela-sbfsem/raw/z00\(26 + 2 * $0).tif").path },
        "100,10,10nm"
      ),
    ]
    for one in sets {
      let folder = try TemporaryFolder()
      let group = try ingest(folder, "image", one.paths, "--voxel-size", one.size)
      let expected = try ForeignProgram.python.run(
        [ForeignProgram.script("digest.py"), one.reader] + one.paths)
      let array = group.appendingPathComponent("0").path
      #expect(try ForeignProgram.digest("zarr", array) == expected.standardOutput, "\(one.name)")
      #expect(try ForeignProgram.digest("tensorstore", array) == expected.standardOutput, "\(one.name)")
      try expectValid(group)
    }
  }
}
