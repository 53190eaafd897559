// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

/// `kill -9` at random points of instance making; `VEMDB_KILLS=50` makes more of them than the usual few.
@Suite("Instance making that is killed", .serialized)
struct KilledInstancesTests {
  let folder: TemporaryFolder
  let vemdb: VemdbProgram

  init() throws {
    folder = try TemporaryFolder()
    vemdb = VemdbProgram(database: folder("lab.vemdb"))
    try FileManager.default.createDirectory(at: folder("labels"), withIntermediateDirectories: true)
    for number in 0..<48 {
      let file = SliceFile.tiff(width: 500, height: 400) { y, x in
        let (dy, dx) = ((y + number) % 40 - 20, (x + 2 * number) % 44 - 22)
        return dy * dy + dx * dx < 460 && number % 12 != 11 ? 255 : 0
      }
      try file.write(to: folder("labels").appendingPathComponent("\(number).tif"))
    }
    try succeed("init", folder("lab.vemdb").path)
    try succeed("dataset", "add", "d")
    try succeed("ingest", "image", "d/em", folder("labels").path, "--voxel-size", "40,10,10nm")
    try succeed(
      "ingest", "prediction", "d/pred", folder("labels").path, "--like", "d/em", "--classes", "mito=255")
  }

  private func succeed(_ arguments: String...) throws {
    let outcome = try vemdb.run(arguments)
    try #require(outcome.exitCode == 0, "\(arguments) gave \(outcome)")
  }

  private func hash(_ version: String) throws -> String {
    let outcome = try vemdb.run(["show", version, "--format", "json"])
    let object = try JSONSerialization.jsonObject(with: Data(outcome.standardOutput.utf8))
    return try #require((object as? [String: Any])?["hash"] as? String, "\(outcome)")
  }

  @Test("ends in the version that it would have made, whenever it was killed")
  func killed() throws {
    let words = ["--watershed", "distance", "--depth", "0.1", "--distance-limit", "200", "--fill-holes"]
    let start = ContinuousClock.now
    try #require(vemdb.run(["instances", "d/pred", "--as", "d/whole"] + words).exitCode == 0)
    let elapsed = ContinuousClock.now - start
    let duration = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    let expected = try hash("d/whole")
    let kills = ProcessInfo.processInfo.environment["VEMDB_KILLS"].flatMap { Int($0) } ?? 6
    var run = 3
    for number in 0..<kills {
      let target = "d/killed\(number)"
      let process = try vemdb.start(["instances", "d/pred", "--as", target] + words)
      // Spread over the work, the same every time.
      Thread.sleep(forTimeInterval: duration * (Double(number) + 0.5) / Double(kills))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(try vemdb("list").exitCode == 0, "the old state reads")
      let folder = folder("lab.vemdb/runs/\(run + 1)")
      // Killed before it had a number, there is nothing to resume.
      guard FileManager.default.fileExists(atPath: folder.path) else { continue }
      run += 1
      if process.terminationReason == .uncaughtSignal {
        let outcome = try vemdb.run(["run", "resume", "\(run)"])
        // What was complete is not resumable.
        if outcome.exitCode != 0 { #expect(outcome.standardError.contains("done"), "\(outcome)") }
      }
      #expect(try hash(target) == expected, "kill \(number)")
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("blocks").path))
    }
  }
}
