// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

/// `verify`, `repair`, `retire`, `gc` and `backup` on a database of two layers of shards.
@Suite("Upkeep from the command line")
struct UpkeepCommandTests {
  let folder: TemporaryFolder
  let vemdb: VemdbProgram
  var database: URL { folder("lab.vemdb") }

  init() throws {
    folder = try TemporaryFolder()
    vemdb = VemdbProgram(database: folder("lab.vemdb"))
    try slices("image") { z, y, x in UInt8(truncatingIfNeeded: z &* 37 &+ y &* 11 &+ x &* x &* 7) }
    try slices("labels") { z, y, x in (y % 20 < 8 && x % 20 < 8) ? 255 : 0 }
    try succeed("init", database.path)
    try succeed("dataset", "add", "d", "--tissue", "liver")
    try succeed(["ingest", "image", "d/em", folder("image").path, "--voxel-size", "40,10,10nm"] + grid)
    try succeed(
      ["ingest", "labels", "d/mito", folder("labels").path, "--like", "d/em", "--classes", "mito=255"] + grid)
    try succeed("split", "d/mito", "--train", "z=0:3", "--test", "z=6:8")
  }

  private let grid = ["--chunk", "4,32,32", "--shard", "4,64,64"]

  private func slices(_ name: String, value: (Int, Int, Int) -> UInt8) throws {
    try FileManager.default.createDirectory(at: folder(name), withIntermediateDirectories: true)
    for z in 0..<8 {
      try SliceFile.tiff(width: 64, height: 64) { y, x in value(z, y, x) }
        .write(to: folder(name).appendingPathComponent("\(z).tif"))
    }
  }

  @discardableResult
  private func succeed(_ arguments: [String]) throws -> String {
    let outcome = try vemdb.run(arguments)
    try #require(outcome.exitCode == 0, "\(arguments) gave \(outcome)")
    return outcome.standardOutput
  }

  @discardableResult
  private func succeed(_ arguments: String...) throws -> String { try succeed(arguments) }

  /// A second version of the labels with another slice 0: the other layer of shards is the parent's.
  private func correct() throws {
    let correction = folder("corrected.tif")
    try SliceFile.tiff(width: 64, height: 64) { y, _ in y < 32 ? 255 : 0 }.write(to: correction)
    try succeed(
      ["ingest", "labels", "d/mito", correction.path, "--like", "d/em", "--at", "z=0"]
        + ["--classes", "mito=255", "--new-version"] + grid)
  }

  private func shard(_ volume: String, _ layer: Int) -> URL {
    database.appendingPathComponent("volumes/d/\(volume)/0/c/\(layer)/0/0")
  }

  private func change(_ file: URL, _ body: (inout Data) -> Void) throws {
    var data = try Data(contentsOf: file)
    body(&data)
    // A new file: others may share the old one.
    try FileManager.default.removeItem(at: file)
    try data.write(to: file)
  }

  /// Kind, reference, shard and box of what verify finds.
  private func problems() throws -> [[String]] {
    let outcome = try vemdb("verify", "--format", "json")
    let list = try JSONSerialization.jsonObject(with: Data(outcome.standardOutput.utf8))
    let found = try #require(list as? [[String: Any]]).map { one in
      ["problem", "what", "shard", "box"].map { one[$0] as? String ?? "" }
    }
    #expect(outcome.exitCode == (found.isEmpty ? 0 : 1))
    return found
  }

  @Test("what was written verifies, and each kind of damage is told by version, shard and box")
  func verify() throws {
    #expect(try problems().isEmpty)
    try change(shard("em/1", 0)) { $0[100] ^= 1 }
    try change(shard("em/1", 1)) { $0.removeLast(40) }
    try FileManager.default.removeItem(at: shard("mito/1", 1))
    let stray = database.appendingPathComponent("volumes/d/mito/1/0/c/notes.txt")
    try Data("mine".utf8).write(to: stray)
    let found = try problems()
    #expect(found.contains(["altered", "d/em@1", "0/c/0/0/0", "z=0:4,y=0:64,x=0:64"]))
    #expect(found.contains(["torn", "d/em@1", "0/c/1/0/0", "z=4:8,y=0:64,x=0:64"]))
    #expect(found.contains(["missing", "d/mito@1", "0/c/1/0/0", "z=4:8,y=0:64,x=0:64"]))
    #expect(found.contains { $0[0] == "foreign" && $0[1] == "d/mito@1" })
    #expect(found.count == 4)
    #expect(try vemdb("verify", "d/em@1", "--format", "json").standardOutput.contains("altered"))
  }

  @Test("a lost catalog is rebuilt from the files, and tells what the old one told")
  func repair() throws {
    try succeed("evaluate", "d/mito", "--against", "d/mito")
    try correct()
    try succeed("retire", "d/mito@2")
    let questions = [
      ["list", "datasets"], ["list", "volumes"], ["list", "versions", "--all"], ["list", "scores"],
      ["run", "list"],
      ["show", "d"], ["show", "d/em@1"], ["show", "d/mito"], ["show", "run:2"], ["log", "d/mito"],
      ["split", "d/mito"],
      ["query", "d", "--region", "z=1:7,y=3:50", "--instances"],
    ].map { $0 + ["--format", "json"] }
    let before = try questions.map { try succeed($0) }
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: database.path + "/catalog.sqlite" + ending)
    }
    #expect(try vemdb("list").exitCode == 1)
    try succeed("repair")
    for (question, answer) in zip(questions, before) {
      #expect(try succeed(question) == answer, "\(question)")
    }
    #expect(try problems().isEmpty)
    #expect(try succeed("repair") == "nothing to repair\n")
  }

  @Test("a retired version is out of sight, comes back, and gc frees only what no other version shares")
  func retire() throws {
    try correct()
    let listed = {
      try succeed("list", "versions", "d/mito", "--format", "csv").split(separator: "\n").count - 1
    }
    #expect(try listed() == 2)
    #expect(try vemdb("retire", "d/mito").exitCode == 2)
    try succeed("retire", "d/mito@2")
    #expect(try listed() == 1)
    try succeed("retire", "d/mito@2", "--undo")
    #expect(try listed() == 2)
    try succeed("retire", "d/mito@1")
    let dry = try vemdb("gc", "--dry-run")
    #expect(dry.standardOutput.contains("would be removed"))
    #expect(FileManager.default.fileExists(atPath: shard("mito/1", 0).path))
    try succeed("gc")
    #expect(!FileManager.default.fileExists(atPath: database.path + "/volumes/d/mito/1"))
    #expect(try problems().isEmpty)
    try succeed("read", "d/mito@2", "-o", folder("cut.npy").path)
    #expect(try vemdb("retire", "d/mito@1", "--undo").exitCode == 1)
    #expect(try vemdb("read", "d/mito@1", "-o", folder("gone.npy").path).exitCode == 1)
  }

  @Test("a backup is a database of its own that verifies, whatever becomes of the first")
  func backup() throws {
    let copy = folder("copy.vemdb")
    try succeed("backup", copy.path)
    #expect(try vemdb("backup", copy.path).exitCode == 1)
    let other = VemdbProgram(database: copy)
    #expect(try other("verify").exitCode == 0)
    let answer = try succeed("list", "versions", "--format", "json")
    #expect(try other("list", "versions", "--format", "json").standardOutput == answer)
    try succeed("retire", "d/mito@1")
    try succeed("gc")
    #expect(try other("verify").exitCode == 0)
    #expect(try other("read", "d/mito@1", "-o", folder("cut.npy").path).exitCode == 0)
  }
}
