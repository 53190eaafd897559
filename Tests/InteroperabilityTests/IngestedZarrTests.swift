// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

/// Zarr volumes that zarr-python wrote, ingested by `vemdb` and read again by zarr-python.
@Suite(
  "Zarr volumes of zarr-python", .enabled(if: ForeignProgram.arePresent, "\(ForeignProgram.absence)"))
struct IngestedZarrTests {
  static let volumes = ForeignVolumes()

  @Test(
    "an ingested volume has the voxels that zarr-python reads from its source, and the voxel size",
    arguments: [
      ("v05.zarr", "s0", [String](), "40,4,4.1nm"),
      ("v05.zarr/s0", "", ["--voxel-size", "1,2,3nm"], "1,2,3nm"),
      ("v04.zarr", "s0", [], "40,4,4nm"), ("plain3.zarr", "", ["--voxel-size", "40,4,4nm"], "40,4,4nm"),
      ("plain2.zarr", "", ["--voxel-size", "0.04,0.004,0.004um"], "40,4,4nm"),
    ])
  func images(source: String, array: String, options: [String], voxelSize: String) throws {
    let folder = try TemporaryFolder()
    let program = VemdbProgram(database: folder("lab.vemdb"))
    try program("init", folder("lab.vemdb").path)
    let path = try Self.volumes.path(source)
    let outcome = try program.run(
      ["ingest", "image", "d/v", path, "--chunk", "8,32,32", "--shard", "8,64,64"] + options)
    try #require(outcome.exitCode == 0, "\(outcome)")
    #expect(outcome.standardOutput.contains(voxelSize), "\(outcome)")
    let group = folder("lab.vemdb/volumes/d/v/1")
    #expect(
      try ForeignProgram.digest("zarr", group.appendingPathComponent("0").path)
        == ForeignProgram.digest("zarr", array.isEmpty ? path : "\(path)/\(array)", "--squeeze"))
    for validator in [ForeignProgram.omeZarrModels, .yaozarrs] {
      let outcome = try validator.run("validate", group.path)
      #expect(outcome.exitCode == 0, "\(validator): \(outcome)")
    }
  }

  @Test("labels with ids above 2⁴⁰ stay what they are")
  func labels() throws {
    let folder = try TemporaryFolder()
    let program = VemdbProgram(database: folder("lab.vemdb"))
    try program("init", folder("lab.vemdb").path)
    let image = try program("ingest", "image", "d/v", try Self.volumes.path("v05.zarr"))
    try #require(image.exitCode == 0, "\(image)")
    let path = try Self.volumes.path("ids.zarr")
    let labels = try program(
      "ingest", "labels", "d/ids", path, "--like", "d/v", "--classes", "mito=nonzero", "--instances")
    try #require(labels.exitCode == 0, "\(labels)")
    #expect(
      try ForeignProgram.digest("zarr", folder("lab.vemdb/volumes/d/ids/1/0").path)
        == ForeignProgram.digest("zarr", "\(path)/s0"))
  }
}
