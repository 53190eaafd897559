// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Testing

@testable import VolumeDatabase

@Suite("Garbage")
struct GarbageTests {
  @Test("what is committed or being written is no garbage")
  func living() throws {
    let fixture = try Fixture()
    try fixture.database.add(try Fixture.image(), texture)
    let writer = try VersionWriter(try Fixture.image(), in: fixture.database)
    let garbage = try fixture.reopened().garbage()
    #expect(garbage.isEmpty)
    #expect(garbage.resumable.isEmpty)
    try writer.abandon()
  }

  @Test("a version whose writer is gone goes, unless its run can go on")
  func abandoned() throws {
    let fixture = try Fixture()
    let run = try fixture.database.catalog.startRun(
      RunDraft(kind: .ingest, programVersion: "0", host: "h", cpu: "c"))
    for (name, id) in [("d/a", nil), ("d/b", run.id)] as [(String, Int64?)] {
      var specification = try Fixture.image(name)
      specification.runID = id
      let writer = try VersionWriter(specification, in: fixture.database)
      try writer.writeLayer(voxels(writer.box(ofLayer: 0), texture), layer: 0)
      writer.release()
    }
    let garbage = try fixture.database.garbage()
    #expect(garbage.versions.map(\.reference) == ["d/a@1"])
    #expect(garbage.resumable.map(\.reference) == ["d/b@1"])
    #expect(garbage.strays.isEmpty)
    try fixture.database.remove(garbage)
    #expect(try fixture.database.catalog.volumes().map(\.name) == ["b"])
    #expect(try fixture.database.garbage().resumable.count == 1)
    try fixture.database.remove(try fixture.database.garbage(), andResumable: true)
    #expect(try FileSystem.names(in: fixture.database.layout.staging).isEmpty)
    #expect(try FileSystem.names(in: fixture.database.layout.dataset("d")) == ["zarr.json"])
  }

  @Test("a staging folder that the catalog does not know goes with what lies beside it")
  func strays() throws {
    let fixture = try Fixture()
    try fixture.folder.write([1, 2, 3], to: "lab.vemdb/staging/x/0/c/0/0/0")
    try fixture.folder.write([1], to: "lab.vemdb/staging/x.journal")
    try fixture.folder.write([], to: "lab.vemdb/staging/y.lock")
    let garbage = try fixture.database.garbage()
    #expect(garbage.strays.count == 2)
    try fixture.database.remove(garbage)
    #expect(try FileSystem.names(in: fixture.database.layout.staging).isEmpty)
  }

  @Test("a shard that a removed version shared with its parent stays with the parent")
  func shared() throws {
    let fixture = try Fixture()
    let parent = try fixture.database.add(try Fixture.image(), texture)
    var specification = try Fixture.image()
    specification.parent = parent.reference
    let writer = try VersionWriter(specification, in: fixture.database)
    try writer.finish(coverage: [])
    writer.release()
    try fixture.database.remove(try fixture.database.garbage())
    let box = Box(parent.record.shape)
    #expect(try fixture.database.version(parent.reference).read(box) == voxels(box, texture))
    #expect(
      try fixture.database.catalog.chunkStatistics(ofVersion: parent.record.id).count
        == ChunkGrid(shape: parent.record.shape, chunk: parent.record.chunk).counts.count)
  }

  @Test("a database that could not be made leaves nothing")
  func failedCreation() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "file")
    #expect(throws: DatabaseError.self) { try VolumeDatabase.create(at: "\(folder.path)/file/lab.vemdb") }
    #expect(try FileSystem.names(in: folder.path) == ["file"])
  }
}
