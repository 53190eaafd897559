// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

/// Volumes behind a web server, in the program.
@Suite("Remote volumes", .enabled(if: ForeignProgram.arePresent, "\(ForeignProgram.absence)"))
struct RemoteVolumeTests {
  static let volumes = ForeignVolumes()

  private func program(_ folder: TemporaryFolder) throws -> VemdbProgram {
    let program = VemdbProgram(database: folder("lab.vemdb"))
    try program("init", folder("lab.vemdb").path)
    return program
  }

  @Test("a remote volume is ingested as a local one is", arguments: ["v05.zarr", "v04.zarr"])
  func ingest(name: String) throws {
    let folder = try TemporaryFolder()
    let program = try program(folder)
    let server = try RangeServer(try Self.volumes.folder)
    let address = "\(server.address)/ok/\(name)"
    let outcome = try program("ingest", "image", "d/v", address)
    try #require(outcome.exitCode == 0, "\(outcome)")
    #expect(
      try ForeignProgram.digest("zarr", folder("lab.vemdb/volumes/d/v/1/0").path)
        == ForeignProgram.digest("zarr", try Self.volumes.path("\(name)/s0"), "--squeeze"))
    #expect(try program("show", "d/v@1", "--format", "json").standardOutput.contains("\(address)/"))
  }

  @Test("an ingest whose server fails goes on when it is back")
  func resume() throws {
    let folder = try TemporaryFolder()
    let program = try program(folder)
    // Linked, so that what heals the server is beside the volumes of this test alone.
    let place = folder("served")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: URL(fileURLWithPath: try Self.volumes.path("v05.zarr")), to: place.appendingPathComponent("v"))
    let server = try RangeServer(place)
    let options = ["--chunk", "8,32,32", "--shard", "8,64,64"]
    let failed = try program.run(["ingest", "image", "d/v", "\(server.address)/dying/v"] + options)
    #expect(failed.exitCode == 1 && failed.standardError.contains("503"), "\(failed)")
    #expect(failed.standardError.contains("vemdb run resume 1"), "\(failed)")
    #expect(try program("read", "d/v", "-o", folder("none.tif").path).exitCode == 1)
    try Data().write(to: place.appendingPathComponent("healed"))
    let resumed = try program("run", "resume", "1")
    try #require(resumed.exitCode == 0, "\(resumed)")
    #expect(
      try ForeignProgram.digest("zarr", folder("lab.vemdb/volumes/d/v/1/0").path)
        == ForeignProgram.digest("zarr", place.appendingPathComponent("v/s0").path))
  }

  @Test("a region of a remote or local foreign volume is read without a database")
  func read() throws {
    let folder = try TemporaryFolder()
    let program = VemdbProgram()
    let server = try RangeServer(try Self.volumes.folder)
    let local = try Self.volumes.path("v05.zarr")
    for (number, place) in ["\(server.address)/ok/v05.zarr", local].enumerated() {
      let file = folder("cut\(number).tif").path
      let outcome = try program("read", place, "--region", "z=3:9,y=10:40,x=5:80", "-o", file)
      try #require(outcome.exitCode == 0, "\(outcome)")
      #expect(
        try ForeignProgram.digest("tifffile", file)
          == ForeignProgram.digest("zarr", "\(local)/s0", "--region", "3:9,10:40,5:80"))
      let shown = try program("show", place, "--format", "json")
      #expect(shown.exitCode == 0 && shown.standardOutput.contains("4.1"), "\(shown)")
    }
  }

  @Test(
    "what is wrong with a server is said in one line, and nothing is left of the ingest",
    arguments: [
      ("forbidden/v05.zarr", "403"), ("ok/nothing", "there is no Zarr array or group at"),
      ("gzip/v05.zarr", "compressed"),
    ])
  func wrong(path: String, reason: String) throws {
    let folder = try TemporaryFolder()
    let program = try program(folder)
    let server = try RangeServer(try Self.volumes.folder)
    let outcome = try program("ingest", "image", "d/v", "\(server.address)/\(path)")
    #expect(outcome.exitCode == 1 && outcome.standardError.contains(reason), "\(outcome)")
    #expect(try program("list").standardOutput.contains("d/v") == false)
  }
}
