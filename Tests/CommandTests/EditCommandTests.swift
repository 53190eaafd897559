// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

@Suite("Editing from the command line")
struct EditCommandTests {
  let small: SmallDatabase

  init() throws { small = try SmallDatabase() }

  private func inodes(_ version: String) throws -> [String: UInt64] {
    let root = small.database.appendingPathComponent("volumes/d/\(version)")
    var found: [String: UInt64] = [:]
    for case let path as String in FileManager.default.enumerator(atPath: root.path) ?? .init()
    where path.contains("/c/") {
      let facts = try FileManager.default.attributesOfItem(atPath: root.path + "/" + path)
      guard facts[.type] as? FileAttributeType == .typeRegular else { continue }
      found[path] = (facts[.systemFileNumber] as? NSNumber)?.uint64Value
    }
    return found
  }

  @Test("a corrected voxel size is a new version that shares every shard of every level")
  func voxelSize() throws {
    let before = try small.json("show", "d/em@1")
    let printed = try small.json("edit", "d/em", "--voxel-size", "50,8,8nm", "--origin", "-100,0,8nm")
    #expect(printed["version"] as? String == "d/em@2")
    #expect(printed["still_as_before"] as? [String] == ["d/mito@1"])
    let after = try small.json("show", "d/em@2")
    #expect(after["voxel_size_nm"] as? [Double] == [50, 8, 8])
    #expect(after["origin_nm"] as? [Double] == [-100, 0, 8])
    #expect(after["parent"] as? String == "d/em@1")
    #expect(after["run"] as? String == "run:3")
    #expect(after["own_bytes"] as? Int == 0)
    for same in [
      "hash", "levels", "chunk", "shard", "shards", "stored_bytes", "coverage", "histogram",
      "source_files", "display_range",
    ] {
      #expect((after[same] as? NSObject) == (before[same] as? NSObject), "\(same)")
    }
    let shards = try inodes("em/1")
    #expect(shards.count == before["shards"] as? Int)
    #expect(try inodes("em/2") == shards)
    #expect(try small.problems().isEmpty)
    #expect(try small.succeed("log", "d/em@2").contains("d/em@1"))
  }

  @Test("what show calls stored and own is what du counts")
  func diskUsage() throws {
    try small.correct()
    func du(_ versions: [String]) throws -> Int {
      let folders = versions.map { "'\(small.database.path)/volumes/d/\($0)'" }.joined(separator: " ")
      // Of several names of one file du counts one.
      let script =
        "find \(folders) -path '*/c/*' -type f -print0 | du -bc --files0-from=- | tail -1 | cut -f1"
      let outcome = try ProgramOutcome(of: URL(fileURLWithPath: "/bin/sh"), ["-c", script])
      return try #require(Int(outcome.standardOutput.trimmingCharacters(in: .newlines)))
    }
    for _ in 0..<2 {
      let (first, second) = (try small.json("show", "d/mito@1"), try small.json("show", "d/mito@2"))
      #expect(first["logical_bytes"] as? Int == 8 * 64 * 64)
      #expect(first["stored_bytes"] as? Int == (try du(["mito/1"])))
      #expect(second["stored_bytes"] as? Int == (try du(["mito/2"])))
      let together = try du(["mito/1", "mito/2"])
      #expect(second["own_bytes"] as? Int == together - (try du(["mito/1"])))
      #expect(first["own_bytes"] as? Int == together - (try du(["mito/2"])))
      #expect(together < (try du(["mito/1"])) + (try du(["mito/2"])))
      try small.rebuild()
    }
  }

  @Test("labels are corrected alike, and then belong to the corrected image")
  func labels() throws {
    try small.succeed("edit", "d/em", "--voxel-size", "50,8,8nm")
    let region = ["query", "d", "--region", "z=1:7,y=3:50", "--format", "json"]
    let before = try small.json("show", "d/mito@1")
    try small.succeed("edit", "d/mito", "--voxel-size", "50,8,8nm")
    let after = try small.json("show", "d/mito@2")
    #expect(after["image"] as? String == "d/em@2")
    #expect(after["voxel_size_nm"] as? [Double] == [50, 8, 8])
    for same in ["hash", "levels", "coverage", "classes", "source_files", "stored_bytes"] {
      #expect((after[same] as? NSObject) == (before[same] as? NSObject), "\(same)")
    }
    let file = small.database.appendingPathComponent("volumes/d/mito/2/zarr.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.contains("../../em/2"))
    let answer = try small.succeed(region)
    #expect(answer.contains("d/mito@2"))
    try small.rebuild()
    #expect(try small.succeed(region) == answer)
    #expect(try small.problems().isEmpty)
  }

  @Test("what changes nothing, or cannot be changed, is refused")
  func refused() throws {
    #expect(try small.program("edit", "d/em", "--voxel-size", "40,10,10nm").exitCode == 1)
    #expect(try small.program("edit", "d", "--voxel-size", "40,10,10nm").exitCode == 2)
    #expect(try small.program("edit", "d/em", "--organism", "x").exitCode == 2)
    #expect(try small.program("edit", "d/em@1", "--note", "x").exitCode == 2)
    #expect(try small.program("edit", "d/em").exitCode == 2)
    #expect(try small.program("edit", "run:1", "--note", "x").exitCode == 2)
    #expect(try small.succeed("list", "versions", "--format", "csv").split(separator: "\n").count == 3)
  }

  @Test("facts and notes are replaced in the groups, and outlive the catalog")
  func facts() throws {
    try small.succeed("edit", "d", "--organism", "Rattus norvegicus", "--tissue", "", "--note", "n")
    try small.succeed("edit", "d/em", "--note", "dim")
    for _ in 0..<2 {
      let dataset = try small.json("show", "d")
      #expect(dataset["organism"] as? String == "Rattus norvegicus")
      #expect(dataset["tissue"] is NSNull)
      #expect(dataset["note"] as? String == "n")
      #expect(try small.json("show", "d/em")["volume_note"] as? String == "dim")
      try small.rebuild()
    }
  }
}
