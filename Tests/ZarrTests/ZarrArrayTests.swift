// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing

@testable import Zarr

@Suite("Arrays")
struct ZarrArrayTests {
  static func layouts(_ type: DataType) -> [ArrayMetadata] {
    let little: Codec = .bytes(.little)
    let inner: [Codec] = [.bytes(.big), .zstd(level: 3, checksum: true)]
    return [
      .sharded(shape: [7, 13, 21], dataType: type, chunk: [2, 4, 5], shard: [4, 8, 10]),
      .chunked(shape: [7, 13, 21], dataType: type, chunk: [3, 13, 8]),
      ArrayMetadata(shape: [7, 13, 21], dataType: type, chunkShape: [3, 4, 5], codecs: [little]),
      ArrayMetadata(
        shape: [7, 13, 21], dataType: type, chunkShape: [8, 8, 8],
        keyEncoding: .init(.v2), codecs: [.transpose(order: [2, 0, 1]), .bytes(.big), .crc32c]),
      // A shard of shards, its index at the start and big-endian.
      ArrayMetadata(
        shape: [7, 13, 21], dataType: type, chunkShape: [8, 8, 8],
        codecs: [
          .sharding(
            .init(
              chunkShape: [4, 8, 4], codecs: [.sharding(.init(chunkShape: [2, 2, 2], codecs: inner))],
              indexCodecs: [.bytes(.big)], indexLocation: .start))
        ]),
      // A shard that is compressed as a whole, so that it can only be read as a whole.
      ArrayMetadata(
        shape: [7, 13, 21], dataType: type, chunkShape: [8, 8, 8],
        codecs: [
          .transpose(order: [1, 0, 2]), .sharding(.init(chunkShape: [2, 4, 4], codecs: inner)),
          .zstd(level: 1, checksum: false), .crc32c,
        ]),
    ]
  }

  @Test("what is written reads back, whole and in part", arguments: 0..<6)
  func roundTrip(layout: Int) throws {
    func check<Element: ArrayElement & FixedWidthInteger>(_ type: Element.Type) throws {
      let store = MemoryStore()
      let metadata = Self.layouts(Element.dataType)[layout]
      let elements = pseudorandom(metadata.shape, of: type)
      try ZarrArray.create(metadata, at: "a/b", in: store).write(elements, at: [0, 0, 0], threads: 2)
      let array = try ZarrArray(opening: "a/b", in: store)
      #expect(array.metadata == metadata)
      #expect(try array.read(Box(metadata.shape), threads: 2) == elements)
      for box in [
        Box(origin: [1, 2, 3], extent: [5, 7, 11]), Box(origin: [6, 12, 20], extent: [1, 1, 1]),
        Box(origin: [0, 5, 0], extent: [7, 1, 21]), Box(origin: [3, 0, 0], extent: [0, 13, 21]),
      ] {
        #expect(try array.read(box) == elements.cropped(to: box), "\(box)")
      }
    }
    try check(UInt8.self)
    try check(Int16.self)
    try check(UInt32.self)
    try check(UInt64.self)
  }

  @Test("parts written one by one join, in shards and chunks that they cut", arguments: 0..<6)
  func partialWrites(layout: Int) throws {
    let store = MemoryStore()
    let metadata = Self.layouts(.uint16)[layout]
    let elements = pseudorandom(metadata.shape, of: UInt16.self)
    let array = try ZarrArray.create(metadata, at: "", in: store)
    for z in 0..<7 {
      for (y, rows) in [(0, 6), (6, 7)] {
        let box = Box(origin: [z, y, 0], extent: [1, rows, 21])
        try array.write(elements.cropped(to: box), at: box.origin)
      }
    }
    #expect(try array.read(Box(metadata.shape)) == elements)
  }

  @Test("any part of a chunk of several Zstandard blocks reads alone, and a torn frame is an error")
  func partOfLargeChunk() throws {
    let store = MemoryStore()
    let array = try ZarrArray.create(
      .chunked(shape: [40, 64, 128], dataType: .uint16, chunk: [32, 64, 64]), at: "", in: store)
    // Half noise, half something that compresses.
    var elements = pseudorandom(array.shape, of: UInt16.self)
    elements.withMutableSpan(of: UInt16.self) { span in
      for index in span.indices where index / 100 % 2 == 0 { span[index] = UInt16(index / 1000) }
    }
    try array.write(elements, at: [0, 0, 0])
    for depth in 1...40 {
      let box = Box(origin: [depth / 2, depth, depth], extent: [depth - depth / 2, 64 - depth, 1 + depth])
      #expect(try array.read(box) == elements.cropped(to: box), "\(box)")
    }
    let chunk = try #require(try store.read([ByteRangeRequest("c/0/0/0")])[0])
    let plane = Box(origin: [3, 0, 0], extent: [1, 64, 64])
    for length in stride(from: 0, through: 20_000, by: 997) {
      try store.write(Array(chunk[..<length]), to: "c/0/0/0")
      #expect(throws: ZarrError.self, "\(length) bytes") { try array.read(plane) }
    }
  }

  @Test("slabs out of chunks of noise, whose Zstandard blocks are independent, read alone")
  func partOfNoise() throws {
    // Sums of two numbers of 6 bits: nothing to match, yet they compress by Huffman codes.
    let bits = pseudorandom([64, 64, 64], of: UInt16.self)
    let elements = NDArray(
      bits.elements(as: UInt16.self).map { UInt8($0 & 63) + UInt8($0 >> 8 & 63) }, [64, 64, 64])
    let store = MemoryStore()
    let array = try ZarrArray.create(
      .chunked(shape: [64, 64, 64], dataType: .uint8, chunk: [64, 64, 64]), at: "", in: store)
    try array.write(elements, at: [0, 0, 0])
    for start in stride(from: 0, to: 64, by: 5) {
      for depth in [1, 7, 9, 40] where start + depth <= 64 {
        let box = Box(origin: [start, start / 2, 3], extent: [depth, 64 - start / 2, 50])
        #expect(try array.read(box) == elements.cropped(to: box), "\(box)")
      }
    }
    // No damage traps or gives more than an error.
    let chunk = try #require(try store.read([ByteRangeRequest("c/0/0/0")])[0])
    let plane = Box(origin: [40, 0, 0], extent: [1, 64, 64])
    for length in stride(from: 0, to: chunk.count / 2, by: 997) {
      try store.write(Array(chunk[..<length]), to: "c/0/0/0")
      #expect(throws: ZarrError.self, "\(length) bytes") { try array.read(plane) }
    }
    for place in stride(from: 0, to: chunk.count, by: 701) {
      var damaged = chunk
      for offset in 0..<min(8, chunk.count - place) { damaged[place + offset] ^= 0x5a }
      try store.write(damaged, to: "c/0/0/0")
      _ = try? array.read(plane)
      _ = try? array.read(Box(origin: [8, 0, 0], extent: [30, 64, 64]))
    }
  }

  @Test("a write of all that is in bounds makes no reads")
  func noReadModifyWrite() throws {
    let store = MemoryStore()
    let array = try ZarrArray.create(
      .sharded(shape: [7, 13, 21], dataType: .uint8, chunk: [2, 4, 5], shard: [4, 8, 10]), at: "", in: store)
    let before = store.readCount
    try array.write(pseudorandom([7, 13, 21], of: UInt8.self), at: [0, 0, 0])
    try array.write(pseudorandom([3, 5, 21], of: UInt8.self), at: [4, 8, 0])
    #expect(store.readCount == before)
  }

  @Test("chunks of nothing but the fill value are not stored, and overwriting with it removes them")
  func fillChunksAreAbsent() throws {
    let store = MemoryStore()
    let array = try ZarrArray.create(
      .sharded(
        shape: [4, 4], dataType: .int16, chunk: [2, 2], shard: [4, 4], dimensionNames: nil,
        fillValue: FillValue(Int16(-1))), at: "", in: store)
    #expect(try array.read(Box([4, 4])).elements(as: Int16.self) == [Int16](repeating: -1, count: 16))
    try array.write(NDArray([Int16(5)], [1, 1]), at: [3, 0])
    #expect(try array.presentChunks(ofShard: [0, 0]) == [false, false, true, false])
    var expected = [Int16](repeating: -1, count: 16)
    expected[12] = 5
    #expect(try array.read(Box([4, 4])).elements(as: Int16.self) == expected)
    try array.write(NDArray([Int16(-1)], [1, 1]), at: [3, 0])
    #expect(try store.list("c") == [])
    #expect(try array.presentChunks(ofShard: [0, 0]) == nil)
  }

  @Test("an encoded shard is what a write stores, however many threads encode it", arguments: [1, 2, 3])
  func encodedShard(threads: Int) throws {
    let store = MemoryStore()
    let array = try ZarrArray.create(
      .sharded(shape: [5, 40, 40], dataType: .uint16, chunk: [4, 8, 8], shard: [4, 32, 32]), at: "", in: store
    )
    let elements = pseudorandom([5, 40, 40], of: UInt16.self)
    try array.write(elements, at: [0, 0, 0])
    let other = MemoryStore()
    for index in Box(array.grid.counts).positions {
      let key = array.key(ofShard: index)
      var present: [Bool]?
      _ = try other.write(to: key) { (append) throws(ZarrError) in
        present = try array.encode(
          elements, array.grid.box(at: index), shard: index, threads: threads, append)
        return present != nil
      }
      #expect(try store.read([ByteRangeRequest(key)]) == other.read([ByteRangeRequest(key)]))
      #expect(try array.presentChunks(ofShard: index) == present)
    }
    #expect(try other.list("").count == 8)
    let zeros = NDArray(.uint16, [1, 8, 8])
    #expect(try array.encode(zeros, Box(zeros.extent), shard: [1, 1, 1]) { _ in } == nil)
  }

  @Test("a read goes into the middle of the caller's array and touches nothing else")
  func readInto() throws {
    let array = try ZarrArray.create(
      .sharded(
        shape: [4, 4], dataType: .uint8, chunk: [2, 2], shard: [4, 4], dimensionNames: nil,
        fillValue: FillValue(UInt8(3))), at: "", in: MemoryStore())
    try array.write(NDArray([UInt8](repeating: 8, count: 4), [2, 2]), at: [0, 0])
    var target = NDArray([UInt8](repeating: 1, count: 20), [4, 5])
    try array.read(Box(origin: [1, 1], extent: [2, 2]), into: &target, at: [1, 2])
    #expect(
      target.elements(as: UInt8.self) == [
        1, 1, 1, 1, 1,
        1, 1, 8, 3, 1,
        1, 1, 3, 3, 1,
        1, 1, 1, 1, 1,
      ])
  }

  @Test("a reader that has the index of a shard sees it replaced by another")
  func staleIndex() throws {
    let store = MemoryStore()
    let metadata = ArrayMetadata.sharded(
      shape: [4, 4], dataType: .uint8, chunk: [2, 2], shard: [4, 4], dimensionNames: nil)
    let writer = try ZarrArray.create(metadata, at: "", in: store)
    let reader = try ZarrArray(opening: "", in: store)
    for seed in UInt64(1)...3 {
      let elements = pseudorandom([4, 4], of: UInt8.self, seed: seed)
      try writer.write(elements, at: [0, 0])
      #expect(try reader.read(Box([4, 4])) == elements)
    }
  }

  @Test("eight tasks that write into one shard lose nothing")
  func parallelWriters() throws {
    let store = MemoryStore()
    let array = try ZarrArray.create(
      .sharded(shape: [8, 64], dataType: .uint32, chunk: [2, 8], shard: [8, 64], dimensionNames: nil), at: "",
      in: store)
    let elements = pseudorandom([8, 64], of: UInt32.self)
    try concurrentForEach(count: 64, threads: 8) { (column) throws(ZarrError) in
      let box = Box(origin: [0, column], extent: [8, 1])
      try array.write(elements.cropped(to: box), at: box.origin)
    }
    #expect(try array.read(Box([8, 64])) == elements)
  }

  @Test("ids above 2⁵³ and 2⁶³ come back exactly")
  func largeIDs() throws {
    let ids: [UInt64] = [1 << 53 + 1, 1 << 63 + 1, .max, 0]
    let array = try ZarrArray.create(
      .sharded(
        shape: [4], dataType: .uint64, chunk: [2], shard: [4], dimensionNames: nil,
        fillValue: FillValue(UInt64.max)),
      at: "", in: MemoryStore())
    try array.write(NDArray(ids, [4]), at: [0])
    #expect(try array.read(Box([4])).elements(as: UInt64.self) == ids)
    #expect(try ZarrArray(opening: "", in: array.store).metadata.fillValue.bits == .max)
  }

  @Test("what does not fit is refused")
  func refusals() throws {
    let store = MemoryStore()
    let metadata = ArrayMetadata.sharded(
      shape: [7, 13, 21], dataType: .uint8, chunk: [2, 4, 5], shard: [4, 8, 10])
    let array = try ZarrArray.create(metadata, at: "a", in: store)
    let far = Box(origin: [0, 0, 20], extent: [1, 1, 2])
    #expect(throws: ZarrError.outOfBounds(path: "a", box: far, shape: [7, 13, 21])) { try array.read(far) }
    #expect(throws: ZarrError.outOfBounds(path: "a", box: far, shape: [7, 13, 21])) {
      try array.write(NDArray(.uint8, far.extent), at: far.origin)
    }
    #expect(throws: ZarrError.wrongType(path: "a", expected: .uint8, found: .int8)) {
      try array.write(NDArray(.int8, [1, 1, 1]), at: [0, 0, 0])
    }
    #expect(throws: ZarrError.nodeExists(path: "a")) { try ZarrArray.create(metadata, at: "a", in: store) }
    #expect(throws: ZarrError.missingNode(path: "b")) { try ZarrArray(opening: "b", in: store) }
    #expect(throws: ZarrError.self) {
      try ZarrArray.create(
        .sharded(shape: [4, 4, 4], dataType: .uint8, chunk: [3, 4, 4], shard: [4, 4, 4]), at: "c", in: store)
    }
    #expect(try store.list("c/") == [])
  }
}
