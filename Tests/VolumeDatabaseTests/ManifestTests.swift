// SPDX-License-Identifier: Apache-2.0

import Catalog
import Foundation
import Testing

@testable import VolumeDatabase

@Suite("Lists of shards")
struct ManifestTests {
  private func entry(_ key: String, _ bytes: [UInt8]) -> StoredShard {
    StoredShard(key: key, byteCount: bytes.count, hash: Hash128(of: bytes))
  }

  @Test("the hash is XXH3-128 in its canonical order")
  func knownHash() {
    // From xxHash's own sanity tests: XXH3_128bits of nothing.
    #expect(Hash128(of: []).description == "99aa06d3014798d86001c324468d497f")
    #expect(Hash128(hexadecimal: Hash128(of: [1, 2]).description) == Hash128(of: [1, 2]))
    #expect(Hash128(bytes: Hash128(of: [1, 2]).bytes) == Hash128(of: [1, 2]))
  }

  @Test("a manifest reads back what it wrote, in the order of the places")
  func roundTrip() throws {
    let manifest = ShardManifest([
      entry("1/c/0/0/0", [3]), entry("0/c/10/0/0", [1, 2]), entry("0/c/9/0/0", [4, 5, 6]),
    ])
    let read = try ShardManifest(parsing: Array(manifest.text.utf8), path: "m")
    #expect(read == manifest)
    #expect(read.sorted.map(\.key) == ["0/c/9/0/0", "0/c/10/0/0", "1/c/0/0/0"])
    #expect(read.byteCount == 6)
  }

  @Test("an empty manifest is one")
  func empty() throws {
    #expect(try ShardManifest(parsing: Array(ShardManifest([]).text.utf8), path: "m").entries.isEmpty)
  }

  @Test("a manifest that was cut short or altered is refused")
  func damaged() {
    let bytes = Array(ShardManifest([entry("0/c/0/0/0", [1]), entry("0/c/0/0/1", [2])]).text.utf8)
    for end in 0..<bytes.count - 1 {
      #expect(throws: DatabaseError.self) { try ShardManifest(parsing: Array(bytes[..<end]), path: "m") }
    }
    for place in stride(from: 0, to: bytes.count - 1, by: 7) {
      var altered = bytes
      altered[place] ^= 1
      #expect(throws: DatabaseError.self) { try ShardManifest(parsing: altered, path: "m") }
    }
  }

  @Test(
    "a key that is no shard's is refused",
    arguments: ["0/c/0/0", "0/0/0/0/0", "../c/0/0/0", "0/c/00/0/0", "0/c/-1/0/0", "x/c/0/0/0", ""])
  func keys(key: String) {
    #expect(ShardPlace(key: key) == nil)
  }

  @Test("a journal forgets the line that a kill cut short and the shard that a crash tore")
  func journal() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/s.journal"
    let stage = "\(folder.path)/s"
    try folder.write([1, 2, 3], to: "s/0/c/0/0/0")
    try folder.write([4, 5, 6], to: "s/0/c/0/0/1")
    do {
      let journal = try StagingJournal(path: path, folder: stage)
      try journal.append(entry("0/c/0/0/0", [1, 2, 3]))
      try journal.append(entry("0/c/0/0/1", [4, 5, 6]))
      try journal.append(StoredShard(key: "0/c/0/0/2", byteCount: 0, hash: Hash128(of: [])))
    }
    #expect(try StagingJournal(path: path, folder: stage).entries.count == 3)
    try folder.write([4, 5, 7], to: "s/0/c/0/0/1")
    #expect(
      try StagingJournal(path: path, folder: stage).entries.keys.sorted() == ["0/c/0/0/0", "0/c/0/0/2"])
    let bytes = try FileSystem.read(path)
    try folder.write(Array(bytes.dropLast(3)), to: "s.journal")
    let reopened = try StagingJournal(path: path, folder: stage)
    #expect(reopened.entries.count == 1)
    try reopened.append(entry("0/c/0/1/0", [9]))
    try folder.write([9], to: "s/0/c/0/1/0")
    #expect(try StagingJournal(path: path, folder: stage).entries.count == 2)
  }

  @Test("a staging folder has one writer at a time, and a lock that was let go can be taken")
  func lock() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/s.lock"
    var first = try StagingLock(path: path)
    #expect(first != nil)
    #expect(try StagingLock(path: path) == nil)
    first = nil
    #expect(try StagingLock(path: path) != nil)
  }
}
