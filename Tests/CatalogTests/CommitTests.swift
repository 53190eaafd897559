// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import GRDB
import Testing

@testable import Catalog

@Suite("Commit protocol of the catalog")
struct CommitTests {
  @Test("a version goes from staging by sealed to committed, and keeps what it was given")
  func states() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let volume = try scratch.volume()
    var draft = scratch.draft(volume)
    draft.origin = [100, 0.5, -3]
    draft.note = "first"
    let staging = try catalog.reserveVersion(draft)
    #expect(staging.state == .staging)
    #expect(staging.path == "volumes/tissue/em/1")
    #expect(try catalog.unfinishedVersions() == [staging])
    #expect(try catalog.latestVersion(ofVolume: volume.id) == nil)
    let histogram = ValueHistogram(minimum: 0, binWidth: 1, counts: [3, 5])
    try catalog.setContent(
      hash: Hash128(high: .max, low: 7), histogram: histogram, displayRange: 1...2, ofVersion: staging.id)
    try catalog.sealVersions([staging.id])
    #expect(try catalog.version(staging.id).state == .sealed)
    try catalog.commitVersions([staging.id])
    let latest = try catalog.latestVersion(ofVolume: volume.id)
    let version = try #require(latest)
    #expect(version.state == .committed)
    #expect(version.reference == "tissue/em@1")
    #expect(version.origin == [100, 0.5, -3])
    #expect(version.voxelSize == VoxelSize(z: 50, y: 8, x: 8))
    #expect(version.shape == [8, 8, 8])
    #expect(version.note == "first")
    #expect(version.histogram == histogram)
    #expect(version.displayRange == 1...2)
    #expect(version.contentHash == Hash128(high: .max, low: 7))
    #expect(version.stagingPath == nil)
    #expect(version.committedAt != nil)
  }

  @Test("the commit ends the run that made the version, whatever happens to the run afterwards")
  func endsRun() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let run = try catalog.startRun(RunDraft(kind: .ingest, programVersion: "0", host: "h", cpu: "c"))
    var draft = scratch.draft(try scratch.volume())
    draft.runID = run.id
    let version = try catalog.reserveVersion(draft)
    try catalog.setContent(hash: Hash128(high: 1, low: 2), ofVersion: version.id)
    try catalog.sealVersions([version.id])
    #expect(try catalog.run(run.id).state == .running)
    try catalog.commitVersions([version.id])
    #expect(try catalog.run(run.id).state == .done)
    #expect(try catalog.run(run.id).endedAt != nil)
    try catalog.endRun(run.id, .failed, error: "the disk is full")
    #expect(try catalog.run(run.id).state == .done)
  }

  @Test("a number is never given again, not even that of an abandoned version")
  func numbers() throws {
    let scratch = try Scratch()
    let volume = try scratch.volume()
    let first = try scratch.catalog.reserveVersion(scratch.draft(volume))
    try scratch.catalog.abandonVersions([first.id])
    #expect(try scratch.catalog.unfinishedVersions().isEmpty)
    #expect(try scratch.catalog.reserveVersion(scratch.draft(volume)).number == 2)
  }

  @Test("a step out of order is refused, and nothing of it stays")
  func order() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let volume = try scratch.volume()
    let one = try catalog.reserveVersion(scratch.draft(volume))
    let two = try catalog.reserveVersion(scratch.draft(volume))
    #expect(throws: CatalogError.unhashed("tissue/em@1")) { try catalog.sealVersions([one.id]) }
    try catalog.setContent(hash: Hash128(high: 0, low: 0), ofVersion: one.id)
    #expect(throws: CatalogError.unhashed("tissue/em@2")) { try catalog.sealVersions([one.id, two.id]) }
    #expect(try catalog.version(one.id).state == .staging)
    #expect(throws: CatalogError.wrongState("tissue/em@1", is: "staging", mustBe: "sealed")) {
      try catalog.commitVersions([one.id])
    }
  }

  @Test("a committed version cannot be abandoned, reopened or altered, but retired and brought back")
  func immutable() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let volume = try scratch.volume()
    let version = try scratch.commit(catalog.reserveVersion(scratch.draft(volume)))
    #expect(throws: CatalogError.self) { try catalog.abandonVersions([version.id]) }
    for change in ["state = 'staging'", "shape_z = 9", "content_hash = NULL", "voxel_x_nm = 1"] {
      #expect(throws: CatalogError.self, "\(change)") {
        try catalog.write { try $0.execute(sql: "UPDATE version SET \(change)") }
      }
    }
    try catalog.setRetired(true, version: version.id)
    #expect(try catalog.latestVersion(ofVolume: volume.id) == nil)
    #expect(try catalog.versions(states: [.retired]).count == 1)
    try catalog.setRetired(false, version: version.id)
    #expect(try catalog.latestVersion(ofVolume: volume.id)?.id == version.id)
  }
}
