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
    // Larger than what is read in vain.
    try (Data(count: 5 << 20) + Data([1, 2, 3, 4])).write(to: folder("large"))
    try Data().write(to: folder("empty"))
    server = try RangeServer(folder.url)
  }

  private func store(_ mode: String, timeLimit: Int = 30_000) throws -> HTTPStore {
    var options = HTTPStore.Options()
    options.attempts = 3
    options.firstPause = 1
    options.timeLimit = timeLimit
    return try HTTPStore(address: "\(server.address)/\(mode)/", options: options)
  }

  @Test(
    "a batch has the bytes of each range, and nothing for what is not there",
    arguments: ["ok", "flaky", "redirect", "noranges", "nohead", "azure", "strict", "python"])
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
        ByteRangeRequest("empty", .suffix(length: 4)), ByteRangeRequest("a b", .bytes(offset: 7, length: 0)),
        ByteRangeRequest("a b", .suffix(length: 0)), ByteRangeRequest("c", .bytes(offset: 7, length: 0)),
        ByteRangeRequest("a b", .bytes(offset: 998, length: .max)),
      ]) == [
        object, Array(object[10..<30]), Array(object[984...]), nil, Array(object[990...]), [], object, [], [],
        [], [], nil, Array(object[998...]),
      ])
    #expect(try store.size(of: "a b") == 1000)
    #expect(try store.size(of: "empty") == 0)
    #expect(try store.size(of: "c") == nil)
  }

  @Test(
    "what a server does wrong is told with its address",
    arguments: [
      ("forbidden", "403 Forbidden"), ("short", "sends 10 bytes where it says 20"), ("broken", "503"),
      ("torn", "before all was read"), ("gzip", "compressed (Content-Encoding: gzip)"),
      ("loop", "redirects in circles"),
    ])
  func wrong(mode: String, reason: String) throws {
    let store = try store(mode)
    let request = ByteRangeRequest("a b", .bytes(offset: 10, length: 20))
    let error = #expect(throws: ZarrError.self) { try store.read([request]) }
    let text = "\(try #require(error))"
    #expect(text.contains(reason) && text.contains("\(server.address)/\(mode)/a%20b"), "\(text)")
    let isPassing = ["short", "broken", "torn"].contains(mode)
    #expect(try server.count("/\(mode)/a%20b") == (isPassing ? 3 : 1))
    if case .unreachable = error { #expect(isPassing) } else { #expect(!isPassing) }
  }

  @Test(
    "a server that says nothing, or a byte now and then, is given up at the deadline",
    arguments: ["silent", "trickle"])
  func deadline(mode: String) throws {
    let store = try store(mode, timeLimit: 300)
    let start = ContinuousClock.now
    #expect {
      try store.read([ByteRangeRequest("a b", .bytes(offset: 0, length: 100))])
    } throws: {
      guard case ZarrError.unreachable = $0 else { return false }
      return "\($0)".contains("took too long")
    }
    #expect(ContinuousClock.now - start < .seconds(2))
  }

  @Test("once a request of a batch has failed for good no other begins")
  func failFast() throws {
    let requests = (0..<400).map { ByteRangeRequest("\($0)") }
    #expect(throws: ZarrError.self) { try store("forbidden").read(requests) }
    #expect(try server.count("forbidden") < 100)
  }

  @Test(
    "the last bytes of a large file come from servers that know no suffix ranges, by its size",
    arguments: ["ok", "azure", "strict", "python"])
  func suffix(mode: String) throws {
    let store = try store(mode)
    let large = ByteRangeRequest("large", .suffix(length: 4))
    for _ in 0..<3 { #expect(try store.read([large]) == [[1, 2, 3, 4]]) }
    // What was learned once is not tried again: one request in vain, then each time the size and the bytes.
    #expect(try server.count(mode) == (mode == "ok" ? 3 : 7))
    // The body of the first is given up by its length, but some of it may be on its way.
    if mode != "azure" { #expect(try server.sentBytes(mode) <= 20) }
  }

  @Test("a large file without ranges, an object above its limit and a list of files are refused")
  func refused() throws {
    #expect {
      try store("noranges").read([ByteRangeRequest("large", .suffix(length: 4))])
    } throws: { "\($0)".contains("must support range requests") }
    #expect {
      try store("ok").read([ByteRangeRequest("large", byteLimit: 1 << 20)])
    } throws: { "\($0)".contains("is larger than") }
    #expect(throws: ZarrError.self) { try store("ok").list("") }
  }

  @Test(
    "a server or a host that is not there is said so",
    arguments: [
      ("http://127.0.0.1:1", "no web server answers there"),
      ("http://no-such-host.invalid/b", "host 'no-such-host.invalid' was not found"),
    ])
  func nowhere(address: String, reason: String) throws {
    var options = HTTPStore.Options()
    options.attempts = 2
    options.firstPause = 1
    let store = try HTTPStore(address: address, options: options)
    #expect {
      try store.read([ByteRangeRequest("a")])
    } throws: {
      guard case ZarrError.unreachable = $0 else { return false }
      #expect("\($0)".contains("\(address)/a") && "\($0)".contains(reason), "\($0)")
      return true
    }
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
    let array = try ZarrArray(opening: "old", in: try store("bucket"))
    #expect(try array.read(Box([4])) == NDArray([3, 1, 4, 1] as [UInt8], [4]))
    #expect { try ZarrArray(opening: "old", in: try store("forbidden")) } throws: { "\($0)".contains("403") }
  }

  @Test(
    "addresses that name no folder of a web server are refused",
    arguments: [
      "s3://bucket/a?a:b", "http://", "volume.zarr", "http://a:b@host/c", "https://host/a#b?a:b", "",
    ])
  func addresses(address: String) {
    let error = #expect(throws: ZarrError.self) { try HTTPStore(address: address) }
    #expect(!"\(String(describing: error))".contains("a:b"))
  }

  @Test("a signature goes with every request and is in no message")
  func signature() throws {
    var options = HTTPStore.Options()
    options.attempts = 1
    let query = "X-Amz-Expires=9&X-Amz-Signature=a%2Fb"
    let store = try HTTPStore(address: "\(server.address)/signed/?\(query)", options: options)
    #expect(store.address == "\(server.address)/signed")
    #expect(try store.read([ByteRangeRequest("a b", .suffix(length: 2))]) == [Array(Self.object[998...])])
    #expect(try store.size(of: "a b") == 1000)
    for query in ["", "?", "?X-Amz-Signature=wrong"] {
      let other = try HTTPStore(address: "\(server.address)/signed\(query)", options: options)
      #expect {
        try other.read([ByteRangeRequest("a b")])
      } throws: {
        "\($0)".contains("'\(server.address)/signed/a%20b'") && "\($0)".contains("403")
          && !"\($0)".contains("wrong")
      }
    }
    let nowhere = try HTTPStore(address: "http://127.0.0.1:1/b?\(query)", options: options)
    #expect { try nowhere.read([ByteRangeRequest("a")]) } throws: { !"\($0)".contains("Amz") }
  }

  static let openssl = URL(fileURLWithPath: "/usr/bin/openssl")

  @Test(
    "a certificate that nobody vouches for is refused in one sentence",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: HTTPStoreTests.openssl.path),
      "no openssl to make a certificate"))
  func certificate() throws {
    let (key, certificate) = (folder("key.pem"), folder("certificate.pem"))
    let made = try ProgramOutcome(
      of: Self.openssl,
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
        "subjectAltName=IP:127.0.0.1", "-keyout", key.path, "-out", certificate.path,
      ])
    try #require(made.exitCode == 0, "\(made)")
    try (Data(contentsOf: key) + Data(contentsOf: certificate)).write(to: certificate)
    let server = try RangeServer(folder.url, certificate: certificate)
    let store = try HTTPStore(address: "\(server.address)/ok")
    let error = #expect(throws: ZarrError.self) { try store.read([ByteRangeRequest("a b")]) }
    #expect(
      "\(try #require(error))"
        == "cannot read '\(server.address)/ok/a%20b': the server's certificate is not one"
        + " that this machine trusts (it is self-signed, expired or another host's): correct the address, or add"
        + " the certificate to those of this machine")
  }

  @Test("a server without TLS that is asked for it is said so")
  func plainText() throws {
    let address = server.address.replacingOccurrences(of: "http:", with: "https:")
    let error = #expect(throws: ZarrError.self) {
      try HTTPStore(address: address).read([ByteRangeRequest("a")])
    }
    #expect("\(try #require(error))".contains("begin the address with http://"))
  }

  /// Voxels that do not compress, so that sizes can be computed.
  private static let noise = NDArray(
    (0..<(32 * 64 * 64)).map { UInt8(truncatingIfNeeded: (UInt64($0) &* 0x9E37_79B9_7F4A_7C15) >> 37) },
    [32, 64, 64])

  @Test("of a shard a box costs its index, once, and its chunks", arguments: ["ok", "strict"])
  func shards(mode: String) throws {
    let local = LocalStore(path: folder.url.path)
    let array = try ZarrArray.create(
      .sharded(shape: [32, 64, 64], dataType: .uint8, chunk: [16, 16, 16], shard: [16, 64, 64]), at: "v",
      in: local)
    try array.write(Self.noise, at: [0, 0, 0])
    let remote = try ZarrArray(opening: "v", in: try store(mode))
    let box = Box(origin: [3, 17, 20], extent: [5, 9, 40])
    #expect(try remote.read(box) == Self.noise.cropped(to: box))
    let (before, bytes) = (try server.count("/\(mode)/v/c/0/0/0"), try server.sentBytes(mode))
    #expect(try remote.read(box) == Self.noise.cropped(to: box))
    // Three neighbouring chunks come as one range, and the index is known.
    #expect(try server.count("/\(mode)/v/c/0/0/0") == before + 1)
    #expect(try server.sentBytes(mode) - bytes <= 3 * (16 * 16 * 16 + 64))
    #expect(try server.count("/\(mode)/v/c/1/0/0") == 0)
    #expect(try remote.read(Box([32, 64, 64]), threads: 2) == Self.noise)
  }

  @Test("chunks are fetched some at a time, and no more than a store may")
  func concurrency() throws {
    let local = LocalStore(path: folder.url.path)
    let array = try ZarrArray.create(
      .chunked(shape: [32, 64, 64], dataType: .uint8, chunk: [16, 8, 8]), at: "w", in: local)
    try array.write(Self.noise, at: [0, 0, 0])
    let remote = try ZarrArray(opening: "w", in: try store("slow"))
    #expect(try remote.read(Box([32, 64, 64]), threads: 2) == Self.noise)
    // 128 chunks and one document.
    #expect(try server.count("slow") == 129)
    #expect((8...16).contains(try server.peak("slow")))
  }
}
