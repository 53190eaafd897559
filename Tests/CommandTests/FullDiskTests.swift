// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

/// A file system of a few megabytes in memory, mounted for as long as the value lives.
private final class SmallDisk {
  let folder: TemporaryFolder

  /// `nil` where nothing can be mounted.
  init?(megabytes: Int) {
    guard geteuid() == 0, let folder = try? TemporaryFolder() else { return nil }
    let options = ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", folder.url.path]
    guard Self.run("/bin/mount", options) else { return nil }
    self.folder = folder
  }

  deinit { _ = Self.run("/bin/umount", ["-l", folder.url.path]) }

  private static func run(_ program: String, _ arguments: [String]) -> Bool {
    (try? ProgramOutcome(of: URL(fileURLWithPath: program), arguments))?.exitCode == 0
  }

  static let canBeMounted = SmallDisk(megabytes: 1) != nil
}

@Suite(
  "A full disk",
  .enabled(if: SmallDisk.canBeMounted, "no small file system can be mounted here: that takes root"))
struct FullDiskTests {
  @Test("an ingest that does not fit says so and leaves nothing but the record of its run")
  func ingest() throws {
    let disk = try #require(SmallDisk(megabytes: 6))
    let slices = try TemporaryFolder()
    var state: UInt64 = 1
    for number in 0..<32 {
      let noise = SliceFile.tiff(width: 512, height: 512) { _, _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
      }
      try noise.write(to: slices("\(number).tif"))
    }
    let database = disk.folder("lab.vemdb")
    let vemdb = VemdbProgram(database: database)
    for words in [["init", database.path], ["dataset", "add", "d"]] {
      let outcome = try vemdb.run(words)
      try #require(outcome.exitCode == 0, "\(outcome)")
    }
    func files() -> [String] {
      ["volumes", "staging"].flatMap { folder in
        let found = FileManager.default.enumerator(atPath: database.path + "/" + folder)
        return found?.allObjects.map { "\(folder)/\($0)" } ?? []
      }.sorted()
    }
    let before = (files(), try vemdb("list", "--format", "json").standardOutput)

    let outcome = try vemdb("ingest", "image", "d/em", slices.url.path, "--voxel-size", "50,8,8nm")
    #expect(outcome.exitCode == 1, "\(outcome)")
    let complaints = outcome.standardError.split(separator: "\n").filter { $0.hasPrefix("vemdb: ") }
    #expect(complaints.count == 1 && complaints[0].contains("full"), "\(outcome)")
    #expect(files() == before.0)
    #expect(try vemdb("list", "--format", "json").standardOutput == before.1)
  }
}
