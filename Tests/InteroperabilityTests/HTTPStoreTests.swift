// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import TestData
import Testing
import Zarr
import ZarrHTTP

/// Ranges of objects of a web server, good and bad.
@Suite("HTTP store", .enabled(if: ForeignProgram.arePresent, "\(ForeignProgram.absence)"))
struct HTTPStoreTests {
  static let object = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }

  let folder: TemporaryFolder
  let server: RangeServer

  init() throws {
    folder = try TemporaryFolder()
    try Data(Self.object).write(to: folder("a b"))
    try Data(count: 17 << 20).write(to: folder("large"))
    try Data().write(to: folder("empty"))
    server = try RangeServer(folder.url)
  }

  private func store(_ mode: String) throws -> HTTPStore {
    var options = HTTPStore.Options()
    options.attempts = 3
    options.firstPause = 1
    return try HTTPStore(address: "\(server.address)/\(mode)/", options: options)
  }

  private func requests(_ path: String) throws -> Int {
    let bytes = try HTTPStore(address: "\(server.address)/count").read([ByteRangeRequest(path)])[0]
    return try #require(bytes.flatMap { Int(String(decoding: $0, as: UTF8.self)) })
  }

  @Test(
    "a batch has the bytes of each range, and nothing for what is not there",
    arguments: ["ok", "flaky", "redirect", "noranges", "nosuffix", "nohead"])
  func batch(mode: String) throws {
    let store = try store(mode)
    let object = Self.object
    #expect(
      try store.read([
        ByteRangeRequest("a b"), ByteRangeRequest("a b", .bytes(offset: 10, length: 20)),
        ByteRangeRequest("a b", .suffix(length: 16)), ByteRangeRequest("c", .suffix(length: 16)),
        ByteRangeRequest("a b", .bytes(offset: 990, length: 20)),
        ByteRangeRequest("a b", .bytes(offset: 1000, length: 20)),
        ByteRangeRequest("a b", .suffix(length: 2000)), ByteRangeRequest("empty"),
        ByteRangeRequest("empty", .suffix(length: 4)), ByteRangeRequest("a b", .bytes(offset: 5, length: 0)),
        ByteRangeRequest("c", .suffix(length: 0)),
      ]) == [
        object, Array(object[10..<30]), Array(object[984...]), nil, Array(object[990...]), [], object, [], [],
        [], nil,
      ])
    #expect(try store.size(of: "a b") == 1000)
    #expect(try store.size(of: "c") == nil)
  }

  @Test(
    "what a server does wrong is told with its address",
    arguments: [
      ("forbidden", "403"), ("short", "sends 10 bytes where it says 20"), ("broken", "503"),
      ("torn", "before all was read"), ("gzip", "compressed (gzip)"),
    ])
  func wrong(mode: String, reason: String) throws {
    let store = try store(mode)
    let request = ByteRangeRequest("a b", .bytes(offset: 10, length: 20))
    let error = #expect(throws: ZarrError.self) { try store.read([request]) }
    let text = "\(try #require(error))"
    #expect(text.contains(reason) && text.contains("\(server.address)/\(mode)/a%20b"), "\(text)")
    let isTransient = ["short", "broken", "torn"].contains(mode)
    #expect(try requests("/\(mode)/a%20b") == (isTransient ? 3 : 1))
    if case .unreachable = error { #expect(isTransient) } else { #expect(!isTransient) }
  }

  @Test("a large file without ranges, a list of files and a server that is not there are refused")
  func refused() throws {
    let large = ByteRangeRequest("large", .suffix(length: 4))
    // A server that knows no ranges from the end is asked for the size first.
    for mode in ["ok", "nosuffix"] { #expect(try store(mode).read([large]) == [[0, 0, 0, 0]]) }
    #expect {
      try store("noranges").read([large])
    } throws: { "\($0)".contains("must support range requests") }
    #expect(throws: ZarrError.self) { try store("ok").list("") }
    var options = HTTPStore.Options()
    options.attempts = 2
    options.firstPause = 1
    let nowhere = try HTTPStore(address: "http://127.0.0.1:1", options: options)
    #expect { try nowhere.read([ByteRangeRequest("a")]) } throws: {
      guard case ZarrError.unreachable = $0 else { return false }
      return "\($0)".contains("http://127.0.0.1:1/a")
    }
  }

  @Test("an answer that drips is given up, however often a byte comes")
  func dripping() throws {
    var options = HTTPStore.Options()
    options.attempts = 1
    options.patience = 1
    options.slowest = 1 << 30
    let store = try HTTPStore(address: "\(server.address)/drip", options: options)
    #expect { try store.read([ByteRangeRequest("a b")]) } throws: { "\($0)".contains("too long") }
  }

  @Test(
    "a bucket that forbids what it does not have still shows arrays of Zarr v2, and forbids all as a whole")
  func unlistable() throws {
    let folder = folder("old")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let document = #"""
      {"zarr_format": 2, "shape": [4], "chunks": [4], "dtype": "|u1", "order": "C", "fill_value": 0,
       "compressor": null, "filters": null}
      """#
    try Data(document.utf8).write(to: folder.appendingPathComponent(".zarray"))
    try Data([3, 1, 4, 1]).write(to: folder.appendingPathComponent("0"))
    let array = try ZarrArray(opening: "old", in: try store("unlistable"))
    #expect(try array.read(Box([4])) == NDArray([3, 1, 4, 1] as [UInt8], [4]))
    #expect { try ZarrArray(opening: "old", in: try store("forbidden")) } throws: { "\($0)".contains("403") }
  }

  @Test(
    "addresses that name no folder of a web server are refused",
    arguments: ["s3://bucket/a", "http://", "volume.zarr", "http://a:b@host/c", "https://host/a?b=c", ""])
  func addresses(address: String) {
    let error = #expect(throws: ZarrError.self) { try HTTPStore(address: address) }
    #expect(!"\(String(describing: error))".contains("a:b"))
  }

  @Test("shards are read by ranges, and their index once")
  func shards() throws {
    let local = LocalStore(path: folder.url.path)
    let array = try ZarrArray.create(
      .sharded(shape: [32, 64, 64], dataType: .uint8, chunk: [16, 16, 16], shard: [16, 64, 64]), at: "v",
      in: local)
    let voxels = NDArray(
      (0..<(32 * 64 * 64)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }, [32, 64, 64])
    try array.write(voxels, at: [0, 0, 0])
    let remote = try ZarrArray(opening: "v", in: try store("ok"))
    let box = Box(origin: [3, 17, 20], extent: [5, 9, 40])
    #expect(try remote.read(box) == voxels.cropped(to: box))
    let before = try requests("/ok/v/c/0/0/0")
    #expect(try remote.read(box) == voxels.cropped(to: box))
    // Three neighbouring chunks come as one range, and the index is known.
    #expect(try requests("/ok/v/c/0/0/0") == before + 1)
    #expect(try remote.read(Box([32, 64, 64]), threads: 2) == voxels)
  }
}
