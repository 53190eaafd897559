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

  @Test(
    "a remote volume is ingested as a local one is, from a bucket too that hides what it does not have",
    arguments: [("v05.zarr", "ok"), ("v04.zarr", "ok"), ("v04.zarr", "bucket"), ("v05.zarr", "azure")])
  func ingest(name: String, mode: String) throws {
    let folder = try TemporaryFolder()
    let program = try program(folder)
    let server = try RangeServer(try Self.volumes.folder)
    let address = "\(server.address)/\(mode)/\(name)"
    let outcome = try program("ingest", "image", "d/v", address)
    try #require(outcome.exitCode == 0, "\(outcome)")
    #expect(
      try ForeignProgram.digest("zarr", folder("lab.vemdb/volumes/d/v/1/0").path)
        == ForeignProgram.digest("zarr", try Self.volumes.path("\(name)/s0"), "--squeeze"))
    // The address says where it came from.
    #expect(try program("show", "d/v@1", "--format", "json").standardOutput.contains("\(address)/"))
  }

  @Test("a region is ingested by the chunks it touches, at its place in space")
  func region() throws {
    let folder = try TemporaryFolder()
    let program = try program(folder)
    let server = try RangeServer(try Self.volumes.folder)
    let outcome = try program(
      "ingest", "image", "d/v", "\(server.address)/ok/v05.zarr", "--region", "z=20:30,y=70:90,x=3:31")
    try #require(outcome.exitCode == 0, "\(outcome)")
    #expect(
      try ForeignProgram.digest("zarr", folder("lab.vemdb/volumes/d/v/1/0").path)
        == ForeignProgram.digest(
          "zarr", try Self.volumes.path("v05.zarr/s0"), "--region", "20:30,70:90,3:31"))
    // Of one shard of four chunks of 32 KiB, one; beside it the documents, of 1 KB each.
    let (count, bytes) = (try server.count("ok"), try server.sentBytes("ok"))
    #expect(try server.count("/ok/v05.zarr/s0/c/1/1/0") == 2)
    #expect(count == 5)
    #expect((32 << 10..<40 << 10).contains(bytes))
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

  @Test("a signed address is used, and nothing of its signature is shown or kept")
  func signature() throws {
    let folder = try TemporaryFolder()
    let program = try program(folder)
    let server = try RangeServer(try Self.volumes.folder)
    let address = "\(server.address)/signed/v05.zarr"
    func signed(_ name: String) -> String { "\(address)?X-Amz-Expires=9&X-Amz-Signature=\(name)" }
    let options = ["--chunk", "8,32,32", "--shard", "8,64,64"]
    let expired = try program.run(["ingest", "image", "d/v", signed("old")] + options)
    #expect(expired.exitCode == 1 && expired.standardError.contains("403"), "\(expired)")
    #expect(expired.standardError.contains("vemdb run resume 1 --address"), "\(expired)")
    let unsigned = try program("run", "resume", "1")
    #expect(unsigned.exitCode == 1 && unsigned.standardError.contains("--address"), "\(unsigned)")
    let other = try program("run", "resume", "1", "--address", "\(address)2?X-Amz-Signature=a%2Fb")
    #expect(other.exitCode == 1 && other.standardError.contains("give that address"), "\(other)")
    let resumed = try program("run", "resume", "1", "--address", signed("a%2Fb"))
    try #require(resumed.exitCode == 0, "\(resumed)")
    #expect(
      try ForeignProgram.digest("zarr", folder("lab.vemdb/volumes/d/v/1/0").path)
        == ForeignProgram.digest("zarr", try Self.volumes.path("v05.zarr/s0")))
    let shown = try [
      program("show", "d/v@1", "--format", "json"), program("run", "show", "1", "--format", "json"),
      program("show", signed("a%2Fb"), "--format", "json"), program("log", "d/v@1", "--format", "json"),
    ]
    #expect(shown.allSatisfy { $0.exitCode == 0 }, "\(shown)")
    #expect(shown[0].standardOutput.contains("\(address)/"))
    for outcome in shown + [expired, unsigned, other, resumed] {
      #expect(!outcome.description.contains("Amz"), "\(outcome)")
    }
    let files = FileManager.default.enumerator(at: folder("lab.vemdb"), includingPropertiesForKeys: nil)
    for case let file as URL in try #require(files) {
      if let bytes = try? Data(contentsOf: file) {
        #expect(bytes.range(of: Data("Amz".utf8)) == nil, "\(file)")
      }
    }
  }

  @Test("a region of a remote or local volume is read without a database, by its chunks alone")
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
      if number == 0 {
        // Two shards, whose six chunks that are touched are neighbours: 2 indices, 2 ranges, 3 documents.
        let (count, bytes) = (try server.count("ok"), try server.sentBytes("ok"))
        #expect(count == 7)
        #expect((5 << 15..<200_000).contains(bytes))
      }
      let shown = try program("show", place, "--format", "json")
      #expect(shown.exitCode == 0 && shown.standardOutput.contains("4.1"), "\(shown)")
    }
  }

  @Test(
    "what is wrong with a server is said in one line, and nothing is left of the ingest",
    arguments: [
      ("forbidden/v05.zarr", "answers 403 Forbidden, because the file is not public, or is missing"),
      ("ok/nothing", "there is no Zarr array or group at"), ("gzip/v05.zarr", "compressed"),
      ("bucket/nothing", "403"), ("loop/v05.zarr", "redirects in circles"),
    ])
  func wrong(path: String, reason: String) throws {
    let folder = try TemporaryFolder()
    let program = try program(folder)
    let server = try RangeServer(try Self.volumes.folder)
    let outcome = try program("ingest", "image", "d/v", "\(server.address)/\(path)")
    #expect(outcome.exitCode == 1 && outcome.standardError.contains(reason), "\(outcome)")
    #expect(outcome.standardError.contains("\(server.address)/\(path)"), "\(outcome)")
    #expect(outcome.standardError.split(separator: "\n").count == 1, "\(outcome)")
    #expect(try program("list").standardOutput.contains("d/v") == false)
  }
}
