// SPDX-License-Identifier: Apache-2.0

import Arrays

/// The codec `sharding_indexed` made ready for shards of one shape and type.
final class ShardCodec: Sendable {
  /// The inner chunks of a shard.
  let grid: ChunkGrid
  /// The chain of an inner chunk.
  let inner: ChunkCodec
  /// The chain of the index, an array of unsigned 64-bit numbers of shape [inner chunks …, 2].
  let indexCodec: ChunkCodec
  let indexByteCount: Int
  let indexLocation: Codec.Sharding.IndexLocation

  init(
    _ sharding: Codec.Sharding, shape: Extent, dataType: DataType, fillValue: FillValue, place: String
  ) throws(ZarrError) {
    let chunk = sharding.chunkShape
    guard chunk.count == shape.rank, chunk.allSatisfy({ $0 > 0 }),
      chunk.indices.allSatisfy({ shape[$0] % chunk[$0] == 0 })
    else {
      throw .invalidMetadata(
        key: place, reason: "the inner chunk shape \(chunk) does not divide the shard's, \(shape.sizes)")
    }
    grid = ChunkGrid(shape: shape, chunk: Extent(chunk))
    inner = try ChunkCodec(
      sharding.codecs, shape: Extent(chunk), dataType: dataType, fillValue: fillValue, place: place)
    indexCodec = try ChunkCodec(
      sharding.indexCodecs, shape: Extent(grid.counts.sizes + [2]), dataType: .uint64,
      fillValue: FillValue(bits: .max), place: place)
    guard let size = indexCodec.fixedEncodedByteCount else {
      throw .invalidMetadata(key: place, reason: "the index of a shard has a codec of no fixed size")
    }
    indexByteCount = size
    indexLocation = sharding.indexLocation
  }

  /// Where the index of a stored shard lies.
  var indexRange: ByteRangeRequest.Range {
    switch indexLocation {
    case .start: .bytes(offset: 0, length: indexByteCount)
    case .end: .suffix(length: indexByteCount)
    }
  }
}

/// Where the inner chunks of one shard lie in it.
struct ShardIndex: Sendable {
  /// Offset and length of each inner chunk in C order, both 2⁶⁴ − 1 for an absent one.
  private let entries: [UInt64]

  init(entries: [UInt64]) { self.entries = entries }

  /// The bytes of an inner chunk, `nil` if it is absent.
  ///
  /// - Throws: ``ZarrError/corruptChunk(key:reason:)`` for numbers that no chunk can have.
  func range(ofChunk ordinal: Int, limit: Int, key: String) throws(ZarrError) -> Range<Int>? {
    let (offset, length) = (entries[2 * ordinal], entries[2 * ordinal + 1])
    if offset == .max, length == .max { return nil }
    guard let start = Int(exactly: offset), let count = Int(exactly: length), count <= limit,
      start <= Int.max - count
    else {
      throw .corruptChunk(
        key: key, reason: "its index puts inner chunk \(ordinal) at byte \(offset), \(length) bytes long")
    }
    return start..<(start + count)
  }

  /// Whether each inner chunk is there, in C order.
  var presence: [Bool] {
    (0..<entries.count / 2).map { entries[2 * $0] != .max || entries[2 * $0 + 1] != .max }
  }
}
