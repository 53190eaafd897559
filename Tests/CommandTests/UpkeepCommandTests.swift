// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

/// `verify`, `repair`, `retire`, `gc` and `backup` on a database of two layers of shards.
@Suite("Upkeep from the command line")
struct UpkeepCommandTests {
  let small: SmallDatabase

  init() throws { small = try SmallDatabase() }

  private func shard(_ volume: String, _ layer: Int) -> URL {
    small.database.appendingPathComponent("volumes/d/\(volume)/0/c/\(layer)/0/0")
  }

  private func change(_ file: URL, _ body: (inout Data) -> Void) throws {
    var data = try Data(contentsOf: file)
    body(&data)
    // A new file: others may share the old one.
    try FileManager.default.removeItem(at: file)
    try data.write(to: file)
  }

  @Test("what was written verifies, and each kind of damage is told by version, shard and box")
  func verify() throws {
    #expect(try small.problems().isEmpty)
    try change(shard("em/1", 0)) { $0[100] ^= 1 }
    try change(shard("em/1", 1)) { $0.removeLast(40) }
    try FileManager.default.removeItem(at: shard("mito/1", 1))
    let stray = small.database.appendingPathComponent("volumes/d/mito/1/0/c/notes.txt")
    try Data("mine".utf8).write(to: stray)
    let found = try small.problems()
    #expect(found.contains(["altered", "d/em@1", "0/c/0/0/0", "z=0:4,y=0:64,x=0:64"]))
    #expect(found.contains(["torn", "d/em@1", "0/c/1/0/0", "z=4:8,y=0:64,x=0:64"]))
    #expect(found.contains(["missing", "d/mito@1", "0/c/1/0/0", "z=4:8,y=0:64,x=0:64"]))
    #expect(found.contains { $0[0] == "foreign" && $0[1] == "d/mito@1" })
    #expect(found.count == 4)
    #expect(try small.program("verify", "d/em@1", "--format", "json").standardOutput.contains("altered"))
  }

  @Test("a lost catalog is rebuilt from the files, and tells what the old one told")
  func repair() throws {
    try small.succeed("evaluate", "d/mito", "--against", "d/mito")
    try small.correct()
    try small.succeed("retire", "d/mito@2")
    let questions = [
      ["list", "datasets"], ["list", "volumes"], ["list", "versions", "--all"], ["list", "scores"],
      ["run", "list"],
      ["show", "d"], ["show", "d/em@1"], ["show", "d/mito"], ["show", "run:2"], ["log", "d/mito"],
      ["split", "d/mito"],
      ["query", "d", "--region", "z=1:7,y=3:50", "--instances"],
    ].map { $0 + ["--format", "json"] }
    let before = try questions.map { try small.succeed($0) }
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: small.database.path + "/catalog.sqlite" + ending)
    }
    #expect(try small.program("list").exitCode == 1)
    try small.succeed("repair")
    for (question, answer) in zip(questions, before) {
      #expect(try small.succeed(question) == answer, "\(question)")
    }
    #expect(try small.problems().isEmpty)
    #expect(try small.succeed("repair") == "nothing to repair\n")
  }

  @Test("a retired version is out of sight, comes back, and gc frees only what no other version shares")
  func retire() throws {
    try small.correct()
    let listed = {
      try small.succeed("list", "versions", "d/mito", "--format", "csv").split(separator: "\n").count - 1
    }
    #expect(try listed() == 2)
    #expect(try small.program("retire", "d/mito").exitCode == 2)
    try small.succeed("retire", "d/mito@2")
    #expect(try listed() == 1)
    try small.succeed("retire", "d/mito@2", "--undo")
    #expect(try listed() == 2)
    try small.succeed("retire", "d/mito@1")
    let dry = try small.program("gc", "--dry-run")
    #expect(dry.standardOutput.contains("would be removed"))
    #expect(FileManager.default.fileExists(atPath: shard("mito/1", 0).path))
    try small.succeed("gc")
    #expect(!FileManager.default.fileExists(atPath: small.database.path + "/volumes/d/mito/1"))
    #expect(try small.problems().isEmpty)
    try small.succeed("read", "d/mito@2", "-o", small.folder("cut.npy").path)
    #expect(try small.program("retire", "d/mito@1", "--undo").exitCode == 1)
    #expect(try small.program("read", "d/mito@1", "-o", small.folder("gone.npy").path).exitCode == 1)
  }

  @Test("a backup is a database of its own that verifies, whatever becomes of the first")
  func backup() throws {
    let copy = small.folder("copy.vemdb")
    try small.succeed("backup", copy.path)
    #expect(try small.program("backup", copy.path).exitCode == 1)
    let other = VemdbProgram(database: copy)
    #expect(try other("verify").exitCode == 0)
    let answer = try small.succeed("list", "versions", "--format", "json")
    #expect(try other("list", "versions", "--format", "json").standardOutput == answer)
    try small.succeed("retire", "d/mito@1")
    try small.succeed("gc")
    #expect(try other("verify").exitCode == 0)
    #expect(try other("read", "d/mito@1", "-o", small.folder("cut.npy").path).exitCode == 0)
  }
}
