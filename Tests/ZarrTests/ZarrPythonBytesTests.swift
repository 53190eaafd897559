// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing
import Zarr

/// Bytes that zarr-python 3.1.6 wrote.
@Suite("What zarr-python wrote")
struct ZarrPythonBytesTests {
  static let shardedCodecs = """
    [{"name": "sharding_indexed", "configuration": {"chunk_shape": [2, 2], "codecs": [
      {"name": "bytes", "configuration": {"endian": "little"}},
      {"name": "zstd", "configuration": {"level": 1, "checksum": true}}], "index_codecs": [
      {"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}],
      "index_location": "end"}}]
    """
  /// The elements 0, 1000 … 14000 in three rows of five.
  static let thousands = NDArray((0..<15).map { UInt16($0) * 1000 }, [3, 5])

  @Test("a sharded array with ragged edges, its index at the end")
  func shardedAtEnd() throws {
    let store = try store([
      "zarr.json": Array(
        document(shape: "[3, 5]", type: "uint16", chunk: "[4, 4]", fill: "0", codecs: Self.shardedCodecs)
          .utf8),
      "c/0/0": bytes(
        """
        28b52ffd24084100000000e803881370170589543128b52ffd24084100001027f82a000000002544866b28b52ffd24
        08410000d007b80b581b401f7912592628b52ffd2408410000e02ec832000000007e00ad3a00000000000000001500
        0000000000002a000000000000001500000000000000150000000000000015000000000000003f0000000000000015
        000000000000002d80d67e
        """),
      "c/0/1": bytes(
        """
        28b52ffd2408410000a00f0000282300003db3b2dc28b52ffd2408410000b03600000000000041435bc00000000000
        0000001500000000000000ffffffffffffffffffffffffffffffff15000000000000001500000000000000ffffffff
        ffffffffffffffffffffffff1fd7b5ad
        """),
    ])
    let array = try ZarrArray(opening: "", in: store)
    #expect(try array.read(Box([3, 5])) == Self.thousands)
    #expect(try array.presentChunks(ofShard: [0, 1]) == [true, false, true, false])
    #expect(
      try array.read(Box(origin: [1, 2], extent: [2, 3])).elements(as: UInt16.self) == [
        7000, 8000, 9000, 12000, 13000, 14000,
      ])
  }

  @Test("a sharded array with its index at the start and a checksum a chunk")
  func shardedAtStart() throws {
    let codecs = """
      [{"name": "sharding_indexed", "configuration": {"chunk_shape": [2, 2], "codecs": [
        {"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}],
        "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}],
        "index_location": "start"}}]
      """
    let store = try store([
      "a/zarr.json": Array(
        document(shape: "[3, 5]", type: "uint16", chunk: "[4, 4]", fill: "7", codecs: codecs).utf8),
      "a/c/0/0": bytes(
        """
        44000000000000000c000000000000005c000000000000000c0000000000000050000000000000000c000000000000
        0068000000000000000c0000000000000093079fd80000e80388137017f28040761027f82a070007008a4a92d2d007
        b80b581b401fb1571928e02ec832070007009be6765c
        """),
      "a/c/0/1": bytes(
        """
        44000000000000000c00000000000000ffffffffffffffffffffffffffffffff50000000000000000c000000000000
        00ffffffffffffffffffffffffffffffff067607c6a00f0700282307004f75ce30b036070007000700bb209d00
        """),
    ])
    let array = try ZarrArray(opening: "a", in: store)
    #expect(try array.read(Box([3, 5])) == Self.thousands)
    #expect(array.innerGrid.chunk == [2, 2])
    #expect(array.key(ofShard: [0, 1]) == "a/c/0/1")
  }

  @Test("big-endian floats with NaN as fill value")
  func bigEndian() throws {
    let store = try store([
      "zarr.json": Array(
        document(
          shape: "[2, 2]", type: "float32", chunk: "[1, 2]", fill: "\"NaN\"",
          codecs: "[{\"name\": \"bytes\", \"configuration\": {\"endian\": \"big\"}}]"
        ).utf8),
      "c/1/0": bytes("c00000007149f2ca"),
    ])
    let values = try ZarrArray(opening: "", in: store).read(Box([2, 2])).elements(as: Float.self)
    #expect(values[0].isNaN && values[1].isNaN)
    #expect(values[2...] == [-2, 1e30])
  }

  @Test("axes in another order, on the way in and out")
  func transposed() throws {
    let store = try store([
      "zarr.json": Array(
        document(
          shape: "[1, 2, 3]", type: "uint8", chunk: "[1, 2, 3]", fill: "0",
          codecs: """
            [{"name": "transpose", "configuration": {"order": [2, 0, 1]}}, {"name": "bytes"}]
            """, more: ", \"dimension_names\": [\"z\", \"y\", null]"
        ).utf8),
      "c/0/0/0": bytes("000301040205"),
    ])
    let array = try ZarrArray(opening: "", in: store)
    let elements = try array.read(Box([1, 2, 3]))
    #expect(elements.elements(as: UInt8.self) == [0, 1, 2, 3, 4, 5])
    #expect(array.metadata.dimensionNames == ["z", "y", nil])
    let copy = MemoryStore()
    try ZarrArray.create(array.metadata, at: "", in: copy).write(elements, at: [0, 0, 0])
    #expect(try copy.read([ByteRangeRequest("c/0/0/0")]) == [bytes("000301040205")])
  }

  @Test("an array without axes, of a number that no double holds")
  func scalar() throws {
    let store = try store([
      "zarr.json": Array(
        document(
          shape: "[]", type: "uint64", chunk: "[]", fill: "0",
          codecs: "[{\"name\": \"bytes\", \"configuration\": {\"endian\": \"little\"}}]"
        ).utf8),
      "c": bytes("0100000000000080"),
    ])
    let value = try ZarrArray(opening: "", in: store).read(Box([])).elements(as: UInt64.self)
    #expect(value == [0x8000_0000_0000_0001])
  }
}
