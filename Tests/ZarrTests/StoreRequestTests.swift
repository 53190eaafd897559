// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing
import Zarr

/// How often a store is asked, counted by hand from the layout of the shards.
@Suite("Requests to the store")
struct StoreRequestTests {
  /// Two by two shards of two by two chunks of bytes as they are; the index has 4 · 16 + 4 bytes.
  private static let small = raw([8, 8], chunk: [2, 2], shard: [4, 4])

  private static func raw(_ shape: Extent, chunk: Extent, shard: Extent) -> ArrayMetadata {
    ArrayMetadata(
      shape: shape, dataType: .uint8, chunkShape: shard,
      codecs: [.sharding(.init(chunkShape: chunk.sizes, codecs: [.bytes(nil)]))])
  }

  /// An array that holds ones in `box` and is else as it was created.
  private func array(
    _ metadata: ArrayMetadata, ones box: Box?, batchSize: Int
  ) throws -> (ZarrArray, CountingStore) {
    let content = MemoryStore()
    let written = try ZarrArray.create(metadata, at: "", in: content)
    if let box {
      try written.write(NDArray([UInt8](repeating: 1, count: box.extent.count), box.extent), at: box.origin)
    }
    let store = CountingStore(content, batchSize: batchSize)
    let array = try ZarrArray(opening: "", in: store)
    _ = store.takeRequests()
    return (array, store)
  }

  @Test("the index of a shard is fetched once, its neighbouring chunks together", arguments: [1, 8])
  func indexCache(batchSize: Int) throws {
    let (array, store) = try array(Self.small, ones: Box([8, 8]), batchSize: batchSize)
    let shard = Box([4, 4])
    _ = try array.read(shard)
    let chunks = ByteRangeRequest("c/0/0", .bytes(offset: 0, length: 16))
    #expect(store.takeRequests() == [ByteRangeRequest("c/0/0", .suffix(length: 68)), chunks])
    _ = try array.read(shard)
    #expect(store.takeRequests() == [chunks])
    _ = try array.read(Box(origin: [2, 2], extent: [1, 1]))
    #expect(store.takeRequests().map(\.key) == ["c/0/0"])
  }

  @Test("a shard that is not there is asked for once, and then costs nothing", arguments: [1, 8])
  func missingShards(batchSize: Int) throws {
    let (array, store) = try array(Self.small, ones: nil, batchSize: batchSize)
    for expected in [4, 0, 0] {
      #expect(try array.read(Box([8, 8])).elements(as: UInt8.self).allSatisfy { $0 == 0 })
      #expect(store.takeRequests().count == expected)
    }
  }

  @Test("a chunk that its shard does not have is not asked for", arguments: [1, 8])
  func missingChunks(batchSize: Int) throws {
    let (array, store) = try array(
      Self.small, ones: Box(origin: [0, 0], extent: [2, 2]), batchSize: batchSize)
    let empty = Box(origin: [2, 0], extent: [2, 4])
    #expect(try array.read(empty).elements(as: UInt8.self).allSatisfy { $0 == 0 })
    #expect(store.takeRequests() == [ByteRangeRequest("c/0/0", .suffix(length: 68))])
    _ = try array.read(empty)
    #expect(store.takeRequests() == [])
  }

  @Test(
    "a column of chunks is fetched at once over gaps of 8 KiB, by itself over gaps of 32 KiB",
    arguments: [(8 << 10, 1), (32 << 10, 3)], [1, 8])
  func coalescing(_ width: (bytes: Int, requests: Int), batchSize: Int) throws {
    let shape: Extent = [3, 2 * width.bytes]
    let (array, store) = try array(
      Self.raw(shape, chunk: [1, width.bytes], shard: shape), ones: Box(shape), batchSize: batchSize)
    let column = try array.read(Box(origin: [0, 0], extent: [3, width.bytes]))
    #expect(column.elements(as: UInt8.self).allSatisfy { $0 == 1 })
    // One more for the index.
    #expect(store.takeRequests().count == 1 + width.requests)
  }

  @Test("of four shards the three of nothing but the fill value are not stored")
  func fillShards() throws {
    let store = MemoryStore()
    let array = try ZarrArray.create(Self.small, at: "", in: store)
    var elements = NDArray(.uint8, [8, 8])
    elements.withMutableSpan(of: UInt8.self) { $0[7 * 8 + 7] = 1 }
    try array.write(elements, at: [0, 0])
    #expect(try store.list("c") == ["c/1/1"])
    // The last of its four chunks, and the index.
    #expect(try store.size(of: "c/1/1") == 4 + 68)
  }
}
