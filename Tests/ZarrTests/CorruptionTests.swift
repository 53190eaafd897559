// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing
import Zarr

@Suite("Damaged chunks")
struct CorruptionTests {
  static let sharded = ArrayMetadata.sharded(
    shape: [8, 8], dataType: .uint16, chunk: [4, 4], shard: [8, 8], dimensionNames: nil)
  static let chunked = ArrayMetadata.chunked(
    shape: [8, 8], dataType: .uint16, chunk: [8, 8], dimensionNames: nil)

  static func stored(_ metadata: ArrayMetadata) throws -> (ZarrArray, MemoryStore, [UInt8], NDArray) {
    let store = MemoryStore()
    let array = try ZarrArray.create(metadata, at: "", in: store)
    let elements = pseudorandom(metadata.shape, of: UInt16.self)
    try array.write(elements, at: [0, 0])
    return (array, store, try #require(try store.read([ByteRangeRequest("c/0/0")])[0]), elements)
  }

  @Test("a flipped bit anywhere in a shard is noticed, by name of the shard")
  func flippedBits() throws {
    let (array, store, original, elements) = try Self.stored(Self.sharded)
    for place in original.indices {
      var damaged = original
      damaged[place] ^= 0x10
      try store.write(damaged, to: "c/0/0")
      let error = #expect(throws: ZarrError.self, "byte \(place)") { try array.read(Box([8, 8])) }
      guard case .corruptChunk("c/0/0", _) = error else {
        Issue.record("byte \(place): \(String(describing: error))")
        continue
      }
    }
    try store.write(original, to: "c/0/0")
    #expect(try array.read(Box([8, 8])) == elements)
  }

  @Test("a shard or chunk cut short at any length is an error, never zeros", arguments: [sharded, chunked])
  func truncated(metadata: ArrayMetadata) throws {
    let (array, store, original, _) = try Self.stored(metadata)
    for length in 0..<original.count {
      try store.write(Array(original[..<length]), to: "c/0/0")
      #expect(throws: ZarrError.self, "\(length) bytes") { try array.read(Box([8, 8])) }
    }
  }

  @Test("noise in place of a chunk with a checksum is an error, and never a trap", arguments: 0..<200)
  func noise(seed: Int) throws {
    for metadata in [Self.sharded, Self.chunked] {
      let (array, store, original, _) = try Self.stored(metadata)
      let noise = pseudorandom([original.count], of: UInt8.self, seed: UInt64(seed)).elements(as: UInt8.self)
      // Whatever the checksum lets through must not trap either.
      try store.write(Array(original[..<(seed % original.count)]) + noise, to: "c/0/0")
      _ = try? array.read(Box([8, 8]))
      try store.write(
        Array(original[..<(seed % original.count)] + noise[(seed % original.count)...]), to: "c/0/0")
      if metadata == Self.sharded {
        #expect(throws: ZarrError.self) { try array.read(Box([8, 8])) }
      } else {
        _ = try? array.read(Box([8, 8]))
      }
    }
  }

  @Test(
    "an index that points anywhere is an error",
    arguments: [
      (UInt64.max - 1, 8), (8, UInt64.max), (1 << 62, 1 << 62), (1 << 40, 8), (0, 1 << 40),
    ] as [(UInt64, UInt64)])
  func wildIndex(offset: UInt64, length: UInt64) throws {
    let store = MemoryStore()
    let array = try ZarrArray.create(
      ArrayMetadata(
        shape: [8, 8], dataType: .uint8, chunkShape: [8, 8],
        codecs: [
          .sharding(
            .init(
              chunkShape: [8, 8], codecs: [.bytes(nil), .zstd(level: 1, checksum: false)],
              indexCodecs: [.bytes(.little)]))
        ]),
      at: "", in: store)
    let index = [offset, length].flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }
    try store.write([UInt8](repeating: 1, count: 64) + index, to: "c/0/0")
    #expect(throws: ZarrError.self) { try array.read(Box([8, 8])) }
  }

  @Test("a Zstandard frame without its content size reads")
  func frameWithoutSize() throws {
    // By zstd 1.5.4 reading 64 bytes of 5 from a pipe, with --no-check: its header has no content size.
    let store = MemoryStore()
    let array = try ZarrArray.create(
      ArrayMetadata(
        shape: [64], dataType: .uint8, chunkShape: [64],
        codecs: [.bytes(nil), .zstd(level: 0, checksum: false)]),
      at: "", in: store)
    try store.write(bytes("28b52ffd00584500001005050100930016"), to: "c/0")
    #expect(try array.read(Box([64])).elements(as: UInt8.self) == [UInt8](repeating: 5, count: 64))
  }
}
