// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Testing
import Zarr

@testable import VolumeDatabase

@Suite("Databases")
struct VolumeDatabaseTests {
  @Test("a new database opens for reading and for writing")
  func creation() throws {
    let fixture = try Fixture()
    #expect(try fixture.reopened(.reading).catalog.datasets().map(\.name) == ["d"])
    #expect(try fixture.reopened().catalog.uuid == fixture.database.catalog.uuid)
    let group = try GroupMetadata(opening: "d", in: LocalStore(path: fixture.database.layout.volumes))
    #expect(group.attributes["vemdb"]?["tissue"]?.string == "liver")
  }

  @Test("nothing is made over what is there")
  func existing() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "full/file")
    #expect(throws: DatabaseError.alreadyExists(path: "\(folder.path)/full")) {
      try VolumeDatabase.create(at: "\(folder.path)/full")
    }
    #expect(throws: DatabaseError.self) { try VolumeDatabase.create(at: "\(folder.path)/full/file") }
  }

  @Test("what is no database is refused in one sentence")
  func noDatabase() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "full/catalog.sqlite")
    for path in [
      "\(folder.path)/none", folder.path, "\(folder.path)/full", "\(folder.path)/full/catalog.sqlite",
    ] {
      let error = #expect(throws: DatabaseError.self) { try VolumeDatabase(opening: path, access: .reading) }
      #expect(error?.description.contains("\n") == false)
    }
  }

  @Test("a database of a later program is refused")
  func newer() throws {
    let fixture = try Fixture()
    try VolumeDatabase.writeGroup(["format": 2], at: fixture.database.layout.volumes)
    #expect(throws: DatabaseError.newerDatabase(path: fixture.path, found: 2, known: 1)) {
      try fixture.reopened(.reading)
    }
  }

  @Test(
    "on a network file system the catalog keeps a rollback journal, there and wherever it is opened later")
  func networkJournal() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/lab.vemdb"
    let made = try VolumeDatabase.create(at: path, journal: nil, interruption: nil) { _ in true }
    try made.addDataset("d", DatasetFacts(tissue: "liver"))
    #expect(made.catalog.journal == .delete)
    try made.catalog.close()
    for isOnNetwork in [true, false] {
      let opened = try VolumeDatabase(opening: path, access: .writing, interruption: nil) { _ in isOnNetwork }
      #expect(opened.catalog.journal == .delete)
      #expect(try opened.catalog.datasets().map(\.name) == ["d"])
      #expect(try FileSystem.names(in: path).filter { $0.hasSuffix("-wal") || $0.hasSuffix("-shm") }.isEmpty)
      try opened.catalog.close()
    }
    // Byte 18 of an SQLite file is 1 with a rollback journal and 2 with a write-ahead log
    // (https://sqlite.org/fileformat.html, section 1.3).
    #expect(try FileSystem.read("\(path)/catalog.sqlite")[18] == 1)
  }

  @Test("a write-ahead log on a network file system is refused")
  func network() throws {
    let fixture = try Fixture()
    #expect(throws: DatabaseError.unsafeJournal(path: fixture.database.layout.catalog)) {
      try VolumeDatabase(opening: fixture.path, access: .reading, interruption: nil) { _ in true }
    }
    let mounts = """
      /dev/sda / ext4 rw 0 0
      server:/lab /lab nfs4 rw 0 0
      /dev/sdb /lab/local ext4 rw 0 0
      user@host:/x /home/me/far\\040away fuse.sshfs rw 0 0
      """
    #expect(NetworkFileSystem.type(of: "/lab/em", mounts: mounts) == "nfs4")
    #expect(NetworkFileSystem.type(of: "/lab/local/x", mounts: mounts) == "ext4")
    #expect(NetworkFileSystem.type(of: "/laboratory", mounts: mounts) == "ext4")
    #expect(NetworkFileSystem.type(of: "/home/me/far away/x", mounts: mounts) == "fuse.sshfs")
  }

  @Test("a database opened for reading cannot be written to")
  func readOnly() throws {
    let fixture = try Fixture()
    let reader = try fixture.reopened(.reading)
    #expect(throws: DatabaseError.openedForReading(path: fixture.path)) { try reader.addDataset("x") }
    #expect(throws: DatabaseError.openedForReading(path: fixture.path)) {
      try VersionWriter(try Fixture.image(), in: reader)
    }
  }

  @Test(
    "names that leave the folder reach neither the catalog nor the file system",
    arguments: ["..", "a/b", "zarr.json"])
  func names(name: String) throws {
    let fixture = try Fixture()
    #expect(throws: DatabaseError.self) { try fixture.database.addDataset(name) }
    #expect(try FileSystem.names(in: fixture.database.layout.volumes) == ["d", "zarr.json"])
  }

  @Test("a dataset whose name differs only in case is refused")
  func caseOfNames() throws {
    let fixture = try Fixture()
    #expect(throws: DatabaseError.self) { try fixture.database.addDataset("D") }
  }

  @Test("a split is kept in the catalog and in the volume's group, and its parts do not overlap")
  func splits() throws {
    let fixture = try Fixture()
    try fixture.database.add(try Fixture.labels()) { _ in 255 as UInt8 }
    let volume = try VolumeReference(parsing: "d/mito")
    let train = SplitBox(.train, Box(lower: [0, 0, 0], upper: [10, 300, 520]))
    let test = SplitBox(.test, Box(lower: [13, 0, 0], upper: [20, 300, 520]))
    try fixture.database.setSplits([train, test], of: volume)
    #expect(try fixture.database.splits(of: volume) == [train, test])
    let group = try GroupMetadata(opening: "d/mito", in: LocalStore(path: fixture.database.layout.volumes))
    #expect(group.attributes["vemdb"]?["splits"]?.array?.count == 2)
    #expect(throws: DatabaseError.self) {
      try fixture.database.setSplits(
        [train, SplitBox(.test, Box(lower: [9, 0, 0], upper: [20, 300, 520]))], of: volume)
    }
    #expect(try fixture.database.splits(of: volume) == [train, test])
  }

  @Test("the guard gap is two slices or 100 nm, whichever is more, along the axis that separates most")
  func guardGap() throws {
    let train = SplitBox(.train, Box(lower: [0, 0, 0], upper: [90, 100, 100]))
    func check(_ box: Box, _ size: VoxelSize, _ guarding: SplitGuard = SplitGuard()) throws {
      try guarding.check([train, SplitBox(.validation, box)], voxelSize: size, volume: "d/mito")
    }
    let after = { (gap: Int) in Box(lower: [90 + gap, 0, 0], upper: [120, 100, 100]) }
    // 50 nm slices: two slices are the 100 nm.
    try check(after(2), VoxelSize(z: 50, y: 8, x: 8))
    #expect(throws: DatabaseError.self) { try check(after(1), VoxelSize(z: 50, y: 8, x: 8)) }
    // 5 nm slices: 20 of them.
    try check(after(20), VoxelSize(z: 5, y: 5, x: 5))
    #expect(throws: DatabaseError.self) { try check(after(19), VoxelSize(z: 5, y: 5, x: 5)) }
    // 100 nm slices: 200 nm.
    #expect(throws: DatabaseError.self) { try check(after(1), VoxelSize(z: 100, y: 8, x: 8)) }
    // Side by side in x: 100 voxels of 4.6 nm between them are enough, whatever z says.
    try check(Box(lower: [0, 0, 200], upper: [90, 100, 300]), VoxelSize(z: 50, y: 4.6, x: 4.6))
    try check(after(1), VoxelSize(z: 50, y: 8, x: 8), SplitGuard(nanometres: 50))
    // Boxes of one part may touch.
    try SplitGuard().check(
      [train, SplitBox(.train, after(0))], voxelSize: VoxelSize(z: 5, y: 5, x: 5), volume: "d/m")
  }

  @Test("errors of the file system are one sentence that says what to do")
  func sentences() {
    let full = DatabaseError.system(path: "/x/0", operation: "write", code: ENOSPC)
    #expect(full.description == "cannot write '/x/0': the disk is full; free some space and try again")
    let inner = DatabaseError(.system(path: "/x/0", operation: "write", code: ENOSPC), in: "/x")
    #expect(inner == full)
  }
}
