// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

/// A database made by the program: the image `d/em` and the labels `d/mito`, two layers of shards each.
struct SmallDatabase {
  /// Where the database and its sources are.
  let folder: TemporaryFolder
  /// `vemdb` on the database.
  let program: VemdbProgram
  var database: URL { folder("lab.vemdb") }

  init() throws {
    folder = try TemporaryFolder()
    program = VemdbProgram(database: folder("lab.vemdb"))
    try slices("image") { z, y, x in UInt8(truncatingIfNeeded: z &* 37 &+ y &* 11 &+ x &* x &* 7) }
    try slices("labels") { z, y, x in (y % 20 < 8 && x % 20 < 8) ? 255 : 0 }
    try succeed("init", database.path)
    try succeed("dataset", "add", "d", "--tissue", "liver")
    try succeed(["ingest", "image", "d/em", folder("image").path, "--voxel-size", "40,10,10nm"] + grid)
    try succeed(
      ["ingest", "labels", "d/mito", folder("labels").path, "--like", "d/em", "--classes", "mito=255"] + grid)
    try succeed("split", "d/mito", "--train", "z=0:3", "--test", "z=6:8")
  }

  let grid = ["--chunk", "4,32,32", "--shard", "4,64,64"]

  /// A folder of eight slices.
  func slices(_ name: String, value: (Int, Int, Int) -> UInt8) throws {
    try FileManager.default.createDirectory(at: folder(name), withIntermediateDirectories: true)
    for z in 0..<8 {
      try SliceFile.tiff(width: 64, height: 64) { y, x in value(z, y, x) }
        .write(to: folder(name).appendingPathComponent("\(z).tif"))
    }
  }

  @discardableResult
  func succeed(_ arguments: [String]) throws -> String {
    let outcome = try program.run(arguments)
    try #require(outcome.exitCode == 0, "\(arguments) gave \(outcome)")
    return outcome.standardOutput
  }

  @discardableResult
  func succeed(_ arguments: String...) throws -> String { try succeed(arguments) }

  /// A second version of the labels with another slice 0: the other layer of shards is the parent's.
  func correct() throws {
    let correction = folder("corrected.tif")
    try SliceFile.tiff(width: 64, height: 64) { y, _ in y < 32 ? 255 : 0 }.write(to: correction)
    try succeed(
      ["ingest", "labels", "d/mito", correction.path, "--like", "d/em", "--at", "z=0"]
        + ["--classes", "mito=255", "--new-version"] + grid)
  }

  /// Kind, reference, shard and box of what verify finds.
  func problems() throws -> [[String]] {
    let outcome = try program("verify", "--format", "json")
    let list = try JSONSerialization.jsonObject(with: Data(outcome.standardOutput.utf8))
    let found = try #require(list as? [[String: Any]]).map { one in
      ["problem", "what", "shard", "box"].map { one[$0] as? String ?? "" }
    }
    #expect(outcome.exitCode == (found.isEmpty ? 0 : 1))
    return found
  }

  /// What a command prints as JSON.
  func json(_ arguments: String...) throws -> [String: Any] {
    let text = try succeed(arguments + ["--format", "json"])
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(value as? [String: Any])
  }

  /// Takes the catalog away, and makes it anew from the files.
  func rebuild() throws {
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: database.path + "/catalog.sqlite" + ending)
    }
    try succeed("repair")
  }
}
