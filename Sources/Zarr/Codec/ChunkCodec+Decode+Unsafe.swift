// SPDX-License-Identifier: Apache-2.0

import Arrays

extension ChunkCodec {
  /// Decodes part of a chunk to where the caller wants it.
  ///
  /// - Parameters:
  ///   - region: What to decode, in positions of the decoded chunk.
  ///   - target: Where the first element of the region goes.
  ///   - key: The stored object, for errors.
  /// - Throws: ``ZarrError/corruptChunk(key:reason:)``.
  func decode(
    _ encoded: UnsafeRawBufferPointer, _ region: Box, into target: StridedElements, key: String,
    _ workspace: Workspace
  ) throws(ZarrError) {
    guard let order else {
      try unsafe undo(stages.count, encoded, region, target, key, workspace)
      return
    }
    let permuted = Box(
      origin: order.map { region.origin[$0] }, extent: Extent(order.map { region.extent[$0] }))
    try unsafe undo(stages.count, encoded, permuted, target.permuted(order), key, workspace)
  }

  /// Undoes the first `count` stages, last to first, and then the serialization.
  private func undo(
    _ count: Int, _ bytes: UnsafeRawBufferPointer, _ region: Box, _ target: StridedElements, _ key: String,
    _ workspace: Workspace
  ) throws(ZarrError) {
    guard count > 0 else {
      try unsafe deserialize(bytes, region, target, key, workspace)
      return
    }
    switch stages[count - 1] {
    case .crc32c, .fletcher32:
      let content = try unsafe Self.checked(bytes, stages[count - 1], key)
      try unsafe undo(count - 1, content, region, target, key, workspace)
    case .zstd, .deflate, .blosc, .lz4:
      let expected = sizes[count - 1]
      if count == 1, case .elements(swapped: false) = serialization, region.extent == shape,
        target.isDense(shape, elementBytes: dataType.byteCount)
      {
        // SAFETY: a dense target has room for the whole chunk.
        let whole = unsafe UnsafeMutableRawBufferPointer(start: target.base, count: byteCount)
        try require(
          try unsafe workspace.decompress(bytes, by: stages[0], into: whole, key: key), expected, key)
        return
      }
      try unsafe workspace.withBuffer(expected ?? encodedByteLimit, key: key) { (buffer) throws(ZarrError) in
        if try unsafe decodePart(of: bytes, stages[count - 1], region, target, buffer, key, workspace) {
          return
        }
        let size = try unsafe workspace.decompress(bytes, by: stages[count - 1], into: buffer, key: key)
        try require(size, expected, key)
        let content = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<size])
        try unsafe undo(count - 1, content, region, target, key, workspace)
      }
    }
  }

  /// Decodes no more of a frame than the region needs, where that is much less than the whole.
  ///
  /// A frame with a checksum is always decoded to its end, so that the checksum counts.
  private func decodePart(
    of bytes: UnsafeRawBufferPointer, _ stage: Stage, _ region: Box, _ target: StridedElements,
    _ buffer: UnsafeMutableRawBufferPointer, _ key: String, _ workspace: Workspace
  ) throws(ZarrError) -> Bool {
    guard buffer.count == byteCount, case .elements(swapped: false) = serialization,
      case .zstd(_, checksum: false) = stage, let base = buffer.baseAddress
    else { return false }
    var (first, last) = (0, 0)
    for axis in 0..<shape.rank {
      first = first * shape[axis] + region.origin[axis]
      last = last * shape[axis] + region.origin[axis] + region.extent[axis] - 1
    }
    let needed = first * dataType.byteCount..<(last + 1) * dataType.byteCount
    guard needed.count <= byteCount - byteCount / 8 else { return false }
    if let blocks = unsafe ZstdBlocks(holding: needed, of: bytes, contentSize: byteCount) {
      // SAFETY: both ranges lie inside their buffers.
      try unsafe workspace.decompress(
        blocks: UnsafeRawBufferPointer(rebasing: bytes[blocks.bytes]),
        into: UnsafeMutableRawBufferPointer(rebasing: buffer[blocks.content]), key: key)
    } else {
      guard needed.upperBound <= byteCount - byteCount / 8,
        try unsafe workspace.decompressStart(of: bytes, into: buffer, needed: needed.upperBound, key: key)
      else { return false }
    }
    // SAFETY: every element of the region lies in `needed`.
    unsafe StridedElements(dense: base, shape, elementBytes: dataType.byteCount)
      .advanced(to: region.origin).copy(region.extent, to: target, elementBytes: dataType.byteCount)
    return true
  }

  private func deserialize(
    _ bytes: UnsafeRawBufferPointer, _ region: Box, _ target: StridedElements, _ key: String,
    _ workspace: Workspace
  ) throws(ZarrError) {
    switch serialization {
    case .elements(let swapped):
      try require(bytes.count, byteCount, key)
      guard let base = bytes.baseAddress else { return }
      guard swapped else {
        // SAFETY: the bytes hold a whole chunk, in which the region lies.
        unsafe StridedElements(reading: base, shape, elementBytes: dataType.byteCount)
          .advanced(to: region.origin).copy(region.extent, to: target, elementBytes: dataType.byteCount)
        return
      }
      try unsafe workspace.withBuffer(byteCount, key: key) { (buffer) throws(ZarrError) in
        unsafe buffer.copyMemory(from: bytes)
        unsafe ElementBytes.swap(buffer, elementBytes: dataType.byteCount)
        guard let base = buffer.baseAddress else { return }
        unsafe StridedElements(dense: base, shape, elementBytes: dataType.byteCount)
          .advanced(to: region.origin).copy(region.extent, to: target, elementBytes: dataType.byteCount)
      }
    case .shard(let shard):
      try unsafe shard.decode(bytes, region, into: target, key: key, workspace)
    }
  }

  /// The bytes before a checksum at the end that agrees.
  static func checked(
    _ bytes: UnsafeRawBufferPointer, _ stage: Stage, _ key: String
  ) throws(ZarrError) -> UnsafeRawBufferPointer {
    guard bytes.count >= 4 else { throw .corruptChunk(key: key, reason: "it is too short for its checksum") }
    let content = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 4)])
    let stored = unsafe bytes.loadUnaligned(fromByteOffset: bytes.count - 4, as: UInt32.self)
    guard unsafe ElementBytes.checksum(content, stage) == UInt32(littleEndian: stored) else {
      let name = if case .crc32c = stage { "CRC-32C" } else { "Fletcher checksum" }
      throw .corruptChunk(key: key, reason: "its \(name) does not agree")
    }
    return unsafe content
  }

  private func require(_ count: Int, _ expected: Int?, _ key: String) throws(ZarrError) {
    if let expected, count != expected {
      throw .corruptChunk(key: key, reason: "it has \(count) bytes where \(expected) are needed")
    }
  }
}

extension ShardCodec {
  /// Decodes part of a shard that lies in memory.
  func decode(
    _ bytes: UnsafeRawBufferPointer, _ region: Box, into target: StridedElements, key: String,
    _ workspace: Workspace
  ) throws(ZarrError) {
    guard bytes.count >= indexByteCount else {
      throw .corruptChunk(key: key, reason: "it is too short for its index")
    }
    let start = indexLocation == .start ? 0 : bytes.count - indexByteCount
    // SAFETY: the range was checked to lie inside the bytes.
    let index = try unsafe index(
      UnsafeRawBufferPointer(rebasing: bytes[start..<(start + indexByteCount)]), key: key, workspace)
    let chunks = grid.chunks(touching: region)
    for position in chunks.positions {
      let box = grid.fullBox(at: position)
      let common = box.intersection(region)
      let place = target.advanced(to: common.origin.indices.map { common.origin[$0] - region.origin[$0] })
      guard
        let range = try index.range(ofChunk: grid.ordinal(of: position), limit: bytes.count, key: key)
      else {
        place.fill(common.extent, with: inner.fillValue, inner.dataType)
        continue
      }
      guard range.upperBound <= bytes.count else {
        throw .corruptChunk(key: key, reason: "an inner chunk reaches beyond its end")
      }
      try unsafe inner.decode(
        UnsafeRawBufferPointer(rebasing: bytes[range]),
        common.translated(by: box.origin.map { -$0 }), into: place, key: key, workspace)
    }
  }

  /// Decodes the index from its bytes.
  func index(
    _ bytes: UnsafeRawBufferPointer, key: String, _ workspace: Workspace
  ) throws(ZarrError) -> ShardIndex {
    let shape = indexCodec.decodedShape
    var entries = [UInt64](repeating: 0, count: shape.count)
    var failure: ZarrError?
    unsafe entries.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      do throws(ZarrError) {
        // SAFETY: the entries are a dense array of the index's shape.
        try unsafe indexCodec.decode(
          bytes, Box(shape), into: StridedElements(dense: base, shape, elementBytes: 8), key: key, workspace)
      } catch { failure = error }
    }
    if let failure {
      if case .corruptChunk(_, let reason) = failure {
        throw .corruptChunk(key: key, reason: "of the index of the shard: \(reason)")
      }
      throw failure
    }
    return ShardIndex(entries: entries)
  }
}
