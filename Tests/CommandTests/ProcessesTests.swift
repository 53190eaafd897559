// SPDX-License-Identifier: Apache-2.0

import Catalog
import Foundation
import TestData
import Testing
import VolumeDatabase

/// Several processes at one database, each the built program.
@Suite("Several processes")
struct ProcessesTests {
  let small: SmallDatabase

  init() throws { small = try SmallDatabase() }

  /// The bytes of the voxels of a version, after the header of its NPY file.
  private func voxels(_ reference: String) throws -> Data? {
    let file = small.folder("\(UUID().uuidString).npy")
    guard try small.program("read", reference, "-o", file.path).exitCode == 0 else { return nil }
    return try Data(contentsOf: file).suffix(8 * 64 * 64)
  }

  /// A folder of slices, every voxel the same but for the first of a slice.
  private func source(_ name: String, _ value: UInt8) throws -> Data {
    try small.slices(name) { z, y, x in y + x == 0 ? UInt8(z) : value }
    return Data(
      (0..<8).flatMap { z in (0..<64 * 64).map { $0 == 0 ? UInt8(z) : value } })
  }

  private func ingest(_ volume: String, _ source: String, _ more: [String] = []) throws -> Process {
    try small.program.start(
      ["ingest", "image", volume, small.folder(source).path, "--voxel-size", "40,10,10nm"] + small.grid + more
    )
  }

  @Test("two ingests of one volume at once give two versions or a refusal, never a mixture")
  func twoWriters() throws {
    let (a, b) = (try source("a", 50), try source("b", 200))
    for (volume, more) in [("d/new", []), ("d/em", ["--new-version"])] {
      let before = try voxels("d/em@1")
      let writers = [try ingest(volume, "a", more), try ingest(volume, "b", more)]
      for writer in writers { writer.waitUntilExit() }
      let done = writers.map { $0.terminationStatus == 0 }
      #expect(done.contains(true), "\(volume)")
      let list =
        try small.succeed("list", "versions", volume, "--format", "csv").split(separator: "\n").count - 1
      let old = volume == "d/em" ? 1 : 0
      #expect(list == old + done.count { $0 }, "\(volume)")
      var found: [Data?] = []
      for number in 1...4 where found.count < list {
        if let one = try voxels("\(volume)@\(number)") { found.append(one) }
      }
      let allowed = [a, b] + (old == 1 ? [before] : [])
      #expect(found.allSatisfy { allowed.contains($0) })
      #expect(Set(found).count == list)
    }
    #expect(try small.problems().isEmpty)
  }

  @Test("who reads while versions are committed sees one of them, whole")
  func readersDuringCommits() throws {
    let known = Set([try source("a", 50), try source("b", 200), try voxels("d/em")])
    for round in 0..<4 {
      let writer = try ingest("d/em", round % 2 == 0 ? "a" : "b", ["--new-version"])
      repeat {
        let seen = try voxels("d/em")
        #expect(seen != nil && known.contains(seen))
        #expect(try small.program("query", "d", "--region", "z=1:7").exitCode == 0)
      } while writer.isRunning
      #expect(writer.terminationStatus == 0)
    }
    #expect(
      try small.succeed("list", "versions", "d/em", "--format", "csv").split(separator: "\n").count == 6)
  }

  /// Runs the program as somebody who may write nothing there.
  private func stranger(_ arguments: [String]) throws -> ProgramOutcome {
    try ProgramOutcome(
      of: URL(fileURLWithPath: "/usr/bin/setpriv"),
      ["--reuid=65534", "--regid=65534", "--clear-groups", VemdbProgram.url.path] + arguments,
      environment: small.program.environment)
  }

  private static let isRoot =
    geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

  @Test(
    "who may not write reads while somebody writes, and after",
    .enabled(if: isRoot, "only root can become somebody else, with setpriv"))
  func stranger() throws {
    let output = small.folder("output")
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    for (folder, mode) in [(small.folder.url, 0o755), (output, 0o777)] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path)
    }
    func look(_ datasets: [String]) throws {
      let list = try stranger(["list", "datasets", "--format", "csv"])
      #expect(list.exitCode == 0, "\(list)")
      for dataset in datasets { #expect(list.standardOutput.contains(dataset)) }
      for command in [["show", "d/em"], ["query", "d", "--region", "z=1:7"], ["log", "d/mito"]] {
        let outcome = try stranger(command)
        #expect(outcome.exitCode == 0, "\(command): \(outcome)")
      }
      let cut = output.appendingPathComponent("\(UUID().uuidString).npy")
      let read = try stranger(["read", "d/em", "-o", cut.path])
      #expect(read.exitCode == 0, "\(read)")
    }
    try look(["d"])
    do {
      let writer = try VolumeDatabase(opening: small.database.path, access: .writing)
      try look(["d"])
      try writer.addDataset("during")
      try look(["d", "during"])
      try writer.editDataset("during") { facts in
        var facts = facts
        facts.note = "changed"
        return facts
      }
      #expect(try stranger(["show", "during"]).standardOutput.contains("changed"))
      try writer.catalog.close(merging: true)
    }
    try look(["d", "during"])
    // A copy of the file alone, as somebody makes it who does not know of the log.
    for ending in ["-wal", "-shm"] {
      try FileManager.default.removeItem(atPath: small.database.path + "/catalog.sqlite" + ending)
    }
    try look(["d", "during"])
    #expect(try stranger(["dataset", "add", "x"]).exitCode == 1)
    #expect(try small.problems().isEmpty)
  }
}
