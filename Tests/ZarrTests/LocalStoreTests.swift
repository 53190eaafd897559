// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import Testing
import Zarr

@Suite("Stores")
struct LocalStoreTests {
  static func withFolder(_ body: (LocalStore) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(LocalStore(path: folder.path))
  }

  @Test("files and memory answer alike")
  func alike() throws {
    try Self.withFolder { local in
      for store in [local, MemoryStore()] as [any WritableStore] {
        try store.write([1, 2, 3, 4, 5], to: "a/b/c")
        try store.write([], to: "a/empty")
        let answers = try store.read([
          ByteRangeRequest("a/b/c"), ByteRangeRequest("a/b/c", .bytes(offset: 1, length: 2)),
          ByteRangeRequest("a/b/c", .bytes(offset: 4, length: 9)),
          ByteRangeRequest("a/b/c", .bytes(offset: 9, length: 9)),
          ByteRangeRequest("a/b/c", .suffix(length: 2)), ByteRangeRequest("a/b/c", .suffix(length: 9)),
          ByteRangeRequest("a/empty"), ByteRangeRequest("a/x"), ByteRangeRequest("a/b/c/d"),
        ])
        #expect(answers == [[1, 2, 3, 4, 5], [2, 3], [5], [], [4, 5], [1, 2, 3, 4, 5], [], nil, nil])
        #expect(try store.size(of: "a/b/c") == 5)
        #expect(try store.size(of: "a/x") == nil)
        #expect(try store.size(of: "a") == nil)
        #expect(try store.list("a/") == ["a/b/c", "a/empty"])
        #expect(try store.list("a/e") == ["a/empty"])
        #expect(try store.list("x/") == [])
        let stamp = try store.stamp(of: "a/b/c")
        #expect(try stamp != nil && store.stamp(of: "a/b/c") == stamp)
        try store.write([1, 2, 3, 4, 5], to: "a/b/c")
        #expect(try store.stamp(of: "a/b/c") != stamp)
        try store.erase("a/b/c")
        try store.erase("a/b/c")
        #expect(try store.read([ByteRangeRequest("a/b/c")]) == [nil])
      }
    }
  }

  @Test("no key leaves the folder", arguments: ["../a", "a/../../b", "/etc/passwd", "a//b", "", ".", "a\0b"])
  func escapes(key: String) throws {
    try Self.withFolder { store in
      #expect(throws: ZarrError.invalidKey(key)) { try store.write([1], to: key) }
      #expect(throws: ZarrError.invalidKey(key)) { try store.size(of: key) }
    }
  }

  @Test("a write that fails names the file and leaves the old bytes and nothing else")
  func failedWrite() throws {
    try Self.withFolder { store in
      try store.write([1], to: "a/b")
      // A folder stands where the file would go.
      try store.write([2], to: "a/c/d")
      let error = #expect(throws: ZarrError.self) { try store.write([3], to: "a/c") }
      #expect("\(String(describing: error))".contains("a/c"))
      #expect(try store.list("a/") == ["a/b", "a/c/d"])
    }
  }

  @Test("arrays in files read back, and a partial write excludes other processes")
  func files() throws {
    try Self.withFolder { store in
      let array = try ZarrArray.create(
        .sharded(shape: [9, 30, 50], dataType: .uint16, chunk: [4, 8, 8], shard: [4, 16, 32]), at: "0",
        in: store)
      let elements = pseudorandom([9, 30, 50], of: UInt16.self)
      try array.write(elements, at: [0, 0, 0], threads: 2)
      #expect(try array.read(Box([9, 30, 50]), threads: 2) == elements)
      try concurrentForEach(count: 50, threads: 4) { (column) throws(ZarrError) in
        let other = try ZarrArray(opening: "0", in: store)
        try other.write(
          NDArray([UInt16](repeating: UInt16(column), count: 30), [1, 30, 1]), at: [8, 0, column])
      }
      let row = try array.read(Box(origin: [8, 29, 0], extent: [1, 1, 50]))
      #expect(row.elements(as: UInt16.self) == (0..<50).map { UInt16($0) })
    }
  }
}
