// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

/// `kill -9` in the middle of the work, and `vemdb run resume` after it.
@Suite("A run that is killed", .serialized)
struct KilledRunTests {
  let folder: TemporaryFolder
  let vemdb: VemdbProgram

  init() throws {
    folder = try TemporaryFolder()
    vemdb = VemdbProgram(database: folder("lab.vemdb"))
    // Discs on a chequered ground, which the labels name.
    func isDisc(_ y: Int, _ x: Int) -> Bool {
      let (dy, dx) = (y % 40 - 20, x % 40 - 20)
      return dy * dy + dx * dx < 100
    }
    try slices("image") { y, x in isDisc(y, x) ? 60 : 150 + UInt8((y / 3 + x / 5) % 2) * 50 }
    try slices("labels") { y, x in isDisc(y, x) ? 255 : 0 }
    try succeed("init", folder("lab.vemdb").path)
    try succeed("dataset", "add", "d")
    try succeed("ingest", "image", "d/em", folder("image").path, "--voxel-size", "40,10,10nm")
    try succeed(
      "ingest", "labels", "d/mito", folder("labels").path, "--like", "d/em", "--classes", "mito=255")
  }

  private func slices(_ name: String, value: (Int, Int) -> UInt8) throws {
    try FileManager.default.createDirectory(at: folder(name), withIntermediateDirectories: true)
    let file = SliceFile.tiff(width: 400, height: 320, value: value)
    for number in 0..<24 { try file.write(to: folder(name).appendingPathComponent("\(number).tif")) }
  }

  private func succeed(_ arguments: String...) throws {
    let outcome = try vemdb.run(arguments)
    try #require(outcome.exitCode == 0, "\(arguments) gave \(outcome)")
  }

  /// A fact that `vemdb <words> --format json` tells.
  private func fact(_ key: String, _ words: String...) throws -> String {
    let outcome = try vemdb.run(words + ["--format", "json"])
    let object = try JSONSerialization.jsonObject(with: Data(outcome.standardOutput.utf8))
    return try #require((object as? [String: Any])?[key] as? String, "\(words) gave \(outcome)")
  }

  /// Starts `words`, kills the program as soon as `sign` says that it is in the middle, and resumes the run
  /// of number `run`.
  ///
  /// - Returns: Whether the kill came before the work was done.
  private func killAndResume(_ words: [String], run: Int, at sign: () -> Bool) throws -> Bool {
    let process = try vemdb.start(words)
    while process.isRunning, !sign() { usleep(500) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    guard process.terminationReason == .uncaughtSignal else { return false }
    #expect(try vemdb("list").exitCode == 0, "the old state reads")
    try succeed("run", "resume", "\(run)")
    return true
  }

  private let recipe = [
    "--pair", "d/em,d/mito", "--class", "mito", "--preset", "fast", "--steps", "60", "--batch", "1",
    "--patch",
    "4,16,16", "--seed", "3", "--threads", "1",
  ]

  @Test("a training has the weights that it would have had")
  func training() throws {
    try #require(vemdb.run(["train", "whole"] + recipe).exitCode == 0)
    let log = folder("lab.vemdb/runs/4/log.jsonl")
    let wasKilled = try killAndResume(["train", "killed"] + recipe, run: 4) {
      // Saved before the first step and again after some.
      let lines = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
      return lines.components(separatedBy: "\"saved\"").count > 2
    }
    #expect(wasKilled)
    #expect(
      try fact("weights_hash", "model", "show", "killed") == fact("weights_hash", "model", "show", "whole"))
  }

  @Test("a prediction has the voxels that it would have had")
  func prediction() throws {
    let short = recipe.map { $0 == "60" ? "2" : $0 }
    try #require(vemdb.run(["train", "net"] + short).exitCode == 0)
    try succeed("predict", "net", "--on", "d/em", "--as", "d/whole", "--threads", "1")
    let staging = folder("lab.vemdb/staging").path
    let wasKilled = try killAndResume(
      ["predict", "net", "--on", "d/em", "--as", "d/killed", "--threads", "1"], run: 5
    ) {
      // The first shard is there, so the first block is done or about to be.
      FileManager.default.enumerator(atPath: staging)?.contains { "\($0)".contains("/0/c/") } ?? false
    }
    #expect(wasKilled)
    #expect(try fact("hash", "show", "d/killed") == fact("hash", "show", "d/whole"))
  }
}
