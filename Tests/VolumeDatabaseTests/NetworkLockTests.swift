// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Synchronization
import Testing

@testable import VolumeDatabase

/// NFS since Linux 2.6.12 makes of flock(2) a lock of fcntl(2): alone only with what is open for writing, and
/// what may not be written cannot be opened so by its owner either.
@Suite("Locks of a network file system")
struct NetworkLockTests {
  /// Locks as NFS does, whoever runs the test.
  static let network = FileLock.Calls(
    openFile: { path, flags in
      let mode = (try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]) as? Int
      if flags & O_ACCMODE == O_RDWR, let mode, mode & 0o200 == 0 {
        errno = EACCES
        return -1
      }
      return FileLock.Calls.system.openFile(path, flags)
    },
    lockFile: { descriptor, operation in
      if operation & LOCK_EX != 0, fcntl(descriptor, F_GETFL) & O_ACCMODE == O_RDONLY {
        errno = EBADF
        return -1
      }
      return FileLock.Calls.system.lockFile(descriptor, operation)
    },
    changeMode: FileLock.Calls.system.changeMode)

  let folder: TemporaryFolder
  private let file: String

  init() throws {
    folder = try TemporaryFolder()
    try folder.write([1], to: "1.shards")
    file = "\(folder.path)/1.shards"
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: file)
  }

  private var mode: Int? {
    (try? FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]) as? Int
  }

  @Test("what nobody may write is locked by one alone, or shared, and stays as it was")
  func exclusion() throws {
    FileLock.imitate(under: folder.path, Self.network)
    defer { FileLock.imitate(under: folder.path, nil) }
    var first = try FileLock(file, .exclusive)
    #expect(first != nil && mode == 0o444)
    #expect(try FileLock(file, .exclusive) == nil)
    #expect(try FileLock(file, .shared) == nil)
    first = nil
    let readers = try [FileLock(file, .shared), FileLock(file, .shared)]
    #expect(!readers.contains { $0 == nil })
    #expect(try FileLock(file, .exclusive) == nil)
    #expect(mode == 0o444)
    withExtendedLifetime(readers) {}
  }

  @Test("two that give themselves the permission at the same moment lock one after the other")
  func race() throws {
    let file = file
    let count = Atomic<Int>(0)
    var calls = Self.network
    calls.changeMode = { path, mode in
      let result = Self.network.changeMode(path, mode)
      // The other process has opened the file and takes its permission back, three times.
      if mode & 0o200 != 0, count.wrappingAdd(1, ordering: .relaxed).newValue <= 3 {
        _ = Self.network.changeMode(file, 0o444)
      }
      return result
    }
    FileLock.imitate(under: folder.path, calls)
    defer { FileLock.imitate(under: folder.path, nil) }
    #expect(try FileLock(file, .exclusive) != nil)
    #expect(count.load(ordering: .relaxed) == 4 && mode == 0o444)
    // A permission that another has given for a moment is not taken for the file's own.
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
    calls = Self.network
    let isFirst = Atomic<Bool>(true)
    calls.openFile = { path, flags in
      guard isFirst.exchange(false, ordering: .relaxed) else { return Self.network.openFile(path, flags) }
      errno = EACCES
      return -1
    }
    FileLock.imitate(under: folder.path, calls)
    #expect(try FileLock(file, .exclusive) != nil)
    #expect(mode == 0o444)
  }

  @Test("the lock of a file of somebody else is refused with what to do, where a local disk gives it")
  func stranger() throws {
    var calls = Self.network
    calls.changeMode = { _, _ in
      errno = EPERM
      return -1
    }
    FileLock.imitate(under: folder.path, calls)
    defer { FileLock.imitate(under: folder.path, nil) }
    let error = #expect(throws: DatabaseError.self) { try FileLock(file, .exclusive) }
    let text = "\(try #require(error))"
    #expect(text.contains(file) && text.contains("run it as the owner of the file"), "\(text)")
    calls.lockFile = FileLock.Calls.system.lockFile
    FileLock.imitate(under: folder.path, calls)
    #expect(try FileLock(file, .exclusive) != nil)
  }

  @Test("a retired version is taken from its place once nobody reads it, by one process alone")
  func garbage() throws {
    let fixture = try Fixture()
    FileLock.imitate(under: fixture.path, Self.network)
    defer { FileLock.imitate(under: fixture.path, nil) }
    let reference = try fixture.database.add(try Fixture.image(), texture).reference
    let box = Box([1, 30, 30])
    var reader: StoredVersion? = try fixture.reopened(.reading).version(reference)
    try fixture.database.setRetired(true, reference)
    let other = try fixture.reopened()
    #expect(try fixture.database.remove(fixture.database.garbage()).isEmpty)
    #expect(try reader?.read(box) == voxels(box, texture))
    reader = nil
    // While one process has the lock no other takes the files, nor reads them.
    let manifest = DatabaseLayout.manifest(of: "\(fixture.path)/volumes/d/em/1")
    var mover = try FileLock(manifest, .exclusive)
    #expect(mover != nil)
    #expect(try other.remove(other.garbage()).isEmpty)
    mover = nil
    #expect(try other.remove(other.garbage()) == [reference.description])
    #expect(FileSystem.kind(manifest) == nil)
  }
}
