// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Runs
import Testing
import VolumeDatabase

@Suite("A stopped ingest")
struct IngestResumeTests {
  private func imageRun(_ fixture: IngestFixture, _ volume: String) throws -> IngestRun {
    var run = try fixture.run(.image, volume, try fixture.writeImage(0..<23))
    run.voxelSize = VoxelSize(z: 50, y: 8, x: 8)
    return run
  }

  @Test("goes on where it was and ends as one that was not stopped", arguments: [0, 4, 12, 20])
  func resume(after slices: Int) throws {
    let fixture = try IngestFixture()
    let whole = try imageRun(fixture, "d/whole").start(in: fixture.database)
    let progress = StoppingIngest(after: slices)
    if slices == 0 { progress.flag.cancel() }
    let run = try imageRun(fixture, "d/em")
    do {
      _ = try run.start(in: fixture.database, progress: progress, cancellation: progress.flag)
      Issue.record("it was not stopped")
    } catch let stop as StoppedOnRequest {
      // Nothing is visible of the half-written version.
      let em = try VersionReference(parsing: "d/em")
      #expect(throws: DatabaseError.self) { try fixture.database.version(em) }
      guard let id = stop.run else { return }
      #expect(try fixture.database.catalog.run(id).state == .stopped)
      let outcome = try IngestRun.resume(id, in: fixture.database)
      #expect(outcome.version.contentHash == whole.version.contentHash)
      #expect(try fixture.voxels("d/em") == fixture.voxels("d/whole"))
      #expect(try fixture.voxels("d/em", level: 0).count == 23 * 1920)
      #expect(try fixture.database.catalog.run(id).state == .done)
      #expect(throws: (any Error).self) { try IngestRun.resume(id, in: fixture.database) }
    }
  }

  @Test("does not go on with files that have changed")
  func changedFiles() throws {
    let fixture = try IngestFixture()
    let progress = StoppingIngest(after: 4)
    let run = try imageRun(fixture, "d/em")
    do {
      _ = try run.start(in: fixture.database, progress: progress, cancellation: progress.flag)
    } catch let stop as StoppedOnRequest {
      let id = try #require(stop.run)
      try fixture.write("em/z22.png") { _, _ in 3 }
      #expect(throws: IngestError.filesChanged(run: id)) {
        try IngestRun.resume(id, in: fixture.database)
      }
    }
  }
}
