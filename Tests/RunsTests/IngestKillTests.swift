// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import ImageFiles
import Runs
import TestData
import Testing
import VolumeDatabase

@Suite("An ingest that is killed")
struct IngestKillTests {
  private let shape: Extent = [160, 256, 256]

  private func writeStack(_ path: String) throws {
    let writer = try TIFFWriter(path, extent: shape, dataType: .uint8, voxelSize: VoxelSize(z: 8, y: 8, x: 8))
    var state: UInt64 = 1
    for _ in 0..<shape[0] {
      var voxels = [UInt8](repeating: 0, count: shape[1] * shape[2])
      for index in voxels.indices {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        voxels[index] = UInt8(truncatingIfNeeded: state >> 56)
      }
      try writer.write(NDArray(voxels, [shape[1], shape[2]]))
    }
    try writer.finish()
  }

  @Test("leaves the old state readable, and its run can be resumed to the same version")
  func killed() throws {
    let folder = try TemporaryFolder()
    let stack = folder("stack.tif").path
    try writeStack(stack)
    let path = folder("lab.vemdb")
    let database = try VolumeDatabase.create(at: path.path)
    let program = VemdbProgram(database: path)
    func arguments(_ volume: String) -> [String] {
      ["ingest", "image", volume, stack, "--chunk", "4,32,32", "--shard", "4,128,128", "--new-version"]
    }
    let first = try program.run(Array(arguments("d/em").dropLast()))
    #expect(first.exitCode == 0, "\(first)")
    let em = try VersionReference(parsing: "d/em")
    let expected = try database.version(em).record.contentHash

    for milliseconds in [20, 90, 180, 300, 500] {
      let runs = try database.catalog.runs().count
      let number = try database.version(em).record.number
      let process = try program.start(arguments("d/em"))
      Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()

      // Opening for writing finishes a commit that was sealed.
      let reopened = try VolumeDatabase(opening: path.path, access: .writing)
      let latest = try reopened.version(em)
      #expect(latest.record.contentHash == expected, "killed after \(milliseconds) ms")
      _ = try latest.read(Box(shape), threads: 2)
      let now = try reopened.catalog.runs()
      guard now.count > runs, let run = now.last, latest.record.number == number else { continue }
      let outcome = try program("run", "resume", "\(run.id)")
      #expect(outcome.exitCode == 0, "\(outcome)")
      let resumed = try reopened.version(em).record
      #expect(resumed.contentHash == expected, "resumed after \(milliseconds) ms")
      #expect(resumed.number > number)
    }
    #expect(try VolumeDatabase(opening: path.path, access: .writing).abandonedVersions().isEmpty)
  }
}
