// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Synchronization
import Testing
import Zarr

@testable import VolumeDatabase

@Suite("Commits and crashes")
struct CommitTests {
  /// What a test throws where a process would be killed.
  private static let crash = DatabaseError.system(path: "", operation: "be killed", code: 0)

  /// Crashes at one step and leaves everything as it is then: no writer cleans up, all locks are let go
  /// as the system would let them go.
  private static func crashing(at step: CommitStep) -> VolumeDatabase.Interruption {
    let armed = Mutex(true)
    return { (now) throws(DatabaseError) in
      let isDue = armed.withLock { armed in
        defer { if now == step { armed = false } }
        return armed && now == step
      }
      if isDue { throw crash }
    }
  }

  private static let shape: Extent = [20, 40, 50]

  private static func small(_ name: String) throws -> VersionSpecification {
    var specification = try Fixture.image(name, shape: shape)
    specification.chunk = [8, 16, 16]
    specification.shard = [8, 32, 32]
    return specification
  }

  private static func value(_ shift: UInt8) -> ([Int]) -> UInt8 { { texture($0) &+ shift } }

  @Test(
    "a crash at any step of a commit leaves the old version or the new one",
    arguments: [
      (CommitStep.reserved, false), (.written, false), (.synchronised, false), (.sealed, true),
      (.listed("d/em@2"), true), (.moved("d/em@2"), true), (.committed, true),
    ])
  func steps(step: CommitStep, becomesNew: Bool) throws {
    let fixture = try Fixture()
    try fixture.database.add(try Self.small("d/em"), Self.value(0))
    do {
      let database = try VolumeDatabase(
        opening: fixture.path, access: .writing, interruption: Self.crashing(at: step))
      #expect(throws: Self.crash) { try database.add(try Self.small("d/em"), Self.value(1)) }
    }
    let box = Box(Self.shape)
    // A reader that comes before anybody repairs sees the old version, whole.
    let reader = try fixture.reopened(.reading)
    let seen = try reader.version(try VersionReference(parsing: "d/em"))
    #expect(try seen.read(box) == voxels(box, Self.value(step == .committed ? 1 : 0)))
    let database = try fixture.reopened()
    let version = try database.version(try VersionReference(parsing: "d/em"))
    #expect(version.record.number == (becomesNew ? 2 : 1))
    #expect(try version.read(box) == voxels(box, Self.value(becomesNew ? 1 : 0)))
    for level in 0..<version.levelCount {
      _ = try version.read(Box(try version.array(level: level).shape), level: level)
    }
    let abandoned = try database.abandonedVersions()
    #expect(abandoned.map(\.number) == (becomesNew ? [] : [2]))
    try database.removeAbandoned(abandoned)
    #expect(try database.abandonedVersions().isEmpty)
    if step != .committed { #expect(try FileSystem.names(in: database.layout.staging).isEmpty) }
    #expect(try database.add(try Self.small("d/em"), Self.value(2)).record.number == 3)
  }

  @Test(
    "several versions are committed together or not at all",
    arguments: [CommitStep.synchronised, .moved("d/a@1")])
  func together(step: CommitStep) throws {
    let fixture = try Fixture()
    do {
      let database = try VolumeDatabase(
        opening: fixture.path, access: .writing, interruption: Self.crashing(at: step))
      #expect(throws: Self.crash) {
        let writers = try ["d/a", "d/b"].map { try VersionWriter(try Self.small($0), in: database) }
        for writer in writers {
          try writer.writeLayers(Self.value(0))
          try writer.finish(coverage: [Box(Self.shape)])
        }
        try database.commit(writers)
      }
    }
    let database = try fixture.reopened()
    let committed = try database.catalog.versions().map(\.reference)
    #expect(committed == (step == .synchronised ? [] : ["d/a@1", "d/b@1"]))
    for record in try database.catalog.versions() {
      #expect(try database.version(record).read(Box(Self.shape)) == voxels(Box(Self.shape), Self.value(0)))
    }
  }

  @Test("a commit that fails after its seal is not undone but finished by the next opening")
  func failedAfterSeal() throws {
    let fixture = try Fixture(interruption: Self.crashing(at: .listed("d/em@1")))
    let writer = try VersionWriter(try Self.small("d/em"), in: fixture.database)
    try writer.writeLayers(Self.value(0))
    try writer.finish(coverage: [Box(Self.shape)])
    #expect(throws: Self.crash) { try fixture.database.commit([writer]) }
    try writer.abandon()
    let version = try fixture.reopened().version(try VersionReference(parsing: "d/em@1"))
    #expect(try version.read(Box(Self.shape)) == voxels(Box(Self.shape), Self.value(0)))
  }

  @Test("work that was killed goes on with the shards it has, and ends as if nothing had happened")
  func resume() throws {
    let fixture = try Fixture()
    let whole = try fixture.database.add(try Self.small("d/whole"), Self.value(0))
    var specification = try Self.small("d/em")
    let run = try fixture.database.catalog.startRun(
      RunDraft(kind: .predict, programVersion: "0", host: "h", cpu: "c"))
    specification.runID = run.id
    do {
      let writer = try VersionWriter(specification, in: fixture.database)
      for index in [[0, 0, 0], [2, 1, 1], [1, 0, 1]] {
        try writer.writeShard(voxels(writer.shardGrid.box(at: index), Self.value(0)), at: index)
      }
      // One shard is torn: its bytes never came to the disk.
      let torn = "\(writer.folder)/1/c"
      #expect(FileSystem.kind(torn) == nil)
      let path = "\(writer.folder)/0/c/2/1/1"
      let bytes = try FileSystem.read(path)
      try FileSystem.write(Array(bytes.dropLast(1)), to: path, mode: FileSystem.readOnlyMode)
      // A shard whose writing was cut short is not listed.
      try FileSystem.createFolders("\(writer.folder)/0/c/0/1")
      try FileSystem.write([1, 2], to: "\(writer.folder)/0/c/0/1/0", mode: FileSystem.readOnlyMode)
      writer.release()
    }
    let database = try fixture.reopened()
    #expect(try database.abandonedVersions().map(\.reference) == ["d/em@1"])
    let writer = try VersionWriter(resuming: specification, in: database)
    let missing = Box(writer.shardGrid.counts).positions.filter { !writer.isWritten(shard: $0) }
    #expect(missing.count == 12 - 2)
    for index in missing {
      try writer.writeShard(voxels(writer.shardGrid.box(at: index), Self.value(0)), at: index)
    }
    try writer.finish(coverage: [Box(Self.shape)])
    try database.commit([writer])
    let version = try database.version(try VersionReference(parsing: "d/em"))
    #expect(version.manifest == whole.manifest)
    #expect(version.record.contentHash == whole.record.contentHash)
    #expect(version.record.histogram == whole.record.histogram)
    let known = try database.catalog.chunkStatistics(ofVersion: version.record.id)
    #expect(known == (try database.catalog.chunkStatistics(ofVersion: whole.record.id)))
  }

  @Test("a crash while finishing can be resumed too")
  func resumeFinishing() throws {
    let fixture = try Fixture()
    var specification = try Self.small("d/em")
    let run = try fixture.database.catalog.startRun(
      RunDraft(kind: .ingest, programVersion: "0", host: "h", cpu: "c"))
    specification.runID = run.id
    do {
      let database = try VolumeDatabase(
        opening: fixture.path, access: .writing, interruption: Self.crashing(at: .synchronised))
      #expect(throws: Self.crash) { try database.add(specification, Self.value(0)) }
    }
    let database = try fixture.reopened()
    let writer = try VersionWriter(resuming: specification, in: database)
    #expect((0..<writer.layerCount).allSatisfy { writer.isWritten(layer: $0) })
    try writer.finish(coverage: [Box(Self.shape)])
    try database.commit([writer])
    let version = try database.version(try VersionReference(parsing: "d/em"))
    #expect(try version.read(Box(Self.shape)) == voxels(Box(Self.shape), Self.value(0)))
    #expect(version.coverage.count == 1)
  }

  @Test("work begun with other settings is not resumed")
  func otherSettings() throws {
    let fixture = try Fixture()
    var specification = try Self.small("d/em")
    #expect(throws: DatabaseError.nothingToResume("d/em")) {
      try VersionWriter(resuming: specification, in: fixture.database)
    }
    let run = try fixture.database.catalog.startRun(
      RunDraft(kind: .ingest, programVersion: "0", host: "h", cpu: "c"))
    specification.runID = run.id
    let writer = try VersionWriter(specification, in: fixture.database)
    #expect(throws: DatabaseError.beingWritten("d/em@1")) {
      try VersionWriter(resuming: specification, in: fixture.database)
    }
    writer.release()
    specification.voxelSize = VoxelSize(z: 41, y: 10, x: 10)
    #expect(throws: DatabaseError.self) { try VersionWriter(resuming: specification, in: fixture.database) }
  }

  @Test("two writers on one volume give two versions, and neither is touched by recovery while it lives")
  func concurrentWriters() throws {
    let fixture = try Fixture()
    let first = try VersionWriter(try Self.small("d/em"), in: fixture.database)
    let other = try fixture.reopened()
    let second = try VersionWriter(try Self.small("d/em"), in: other)
    #expect(try fixture.reopened().abandonedVersions().isEmpty)
    #expect(try fixture.reopened().removeAbandoned([first.record]).isEmpty)
    for (writer, shift) in [(first, 0), (second, 1)] as [(VersionWriter, UInt8)] {
      try writer.writeLayers(Self.value(shift))
      try writer.finish(coverage: [Box(Self.shape)])
    }
    try other.commit([second])
    try fixture.database.commit([first])
    for (number, shift) in [(1, 0), (2, 1)] as [(Int, UInt8)] {
      let version = try other.version(try VersionReference(parsing: "d/em@\(number)"))
      #expect(try version.read(Box(Self.shape)) == voxels(Box(Self.shape), Self.value(shift)))
    }
  }

  @Test("a shard that is listed but missing is an error, and one that was never stored is fill value")
  func missingShard() throws {
    let fixture = try Fixture()
    let version = try fixture.database.add(try Self.small("d/em")) { $0[2] < 32 ? 7 : 0 as UInt8 }
    #expect(try version.read(Box(origin: [0, 0, 32], extent: [2, 2, 2])) == NDArray(.uint8, [2, 2, 2]))
    try FileSystem.removeFile("\(version.folder)/0/c/1/0/0")
    let again = try fixture.database.version(version.reference)
    #expect(throws: DatabaseError.self) { try again.read(Box(Self.shape)) }
    #expect(
      try again.read(Box(origin: [0, 0, 0], extent: [8, 8, 8])).elements(as: UInt8.self).allSatisfy {
        $0 == 7
      })
  }

  @Test("a staged version cannot be read")
  func staged() throws {
    let fixture = try Fixture()
    let writer = try VersionWriter(try Self.small("d/em"), in: fixture.database)
    #expect(throws: DatabaseError.notCommitted("d/em@1", state: "staging")) {
      try fixture.database.version(try VersionReference(parsing: "d/em@1"))
    }
    #expect(throws: DatabaseError.self) {
      try fixture.database.version(try VersionReference(parsing: "d/em"))
    }
    #expect(throws: DatabaseError.self) { try fixture.database.commit([writer]) }
    try writer.abandon()
  }
}
