// SPDX-License-Identifier: Apache-2.0

import Arrays

extension ChunkCodec {
  /// Encodes a chunk to the end of a sink.
  ///
  /// - Parameters:
  ///   - source: The first element of the chunk.
  ///   - valid: How much of the chunk the source has, from the first element on; the rest becomes the
  ///     fill value.
  /// - Returns: Whether anything was written: nothing is if every element has the fill value.
  func encode(
    _ source: StridedElements, valid: Extent, into sink: ByteSink, key: String, _ workspace: Workspace
  ) throws(ZarrError) -> Bool {
    let source = source.permuted(order)
    let valid = order.map { Extent($0.map { valid[$0] }) } ?? valid
    switch serialization {
    case .shard(let shard):
      let start = sink.count
      guard try shard.encode(source, valid: valid, into: sink, key: key, workspace) != nil else {
        return false
      }
      try unsafe apply(to: nil, start, sink, key, workspace)
      return true
    case .elements(let swapped):
      let size = dataType.byteCount
      if !swapped, valid == shape, source.isDense(shape, elementBytes: size) {
        // SAFETY: a dense source holds the whole chunk.
        let bytes = unsafe UnsafeRawBufferPointer(start: source.base, count: byteCount)
        return try unsafe encode(dense: bytes, into: sink, key, workspace)
      }
      return try unsafe workspace.withBuffer(byteCount, key: key) { (buffer) throws(ZarrError) in
        guard let base = buffer.baseAddress else { return false }
        let dense = unsafe StridedElements(dense: base, shape, elementBytes: size)
        if valid != shape { dense.fill(shape, with: fillValue, dataType) }
        source.copy(valid, to: dense, elementBytes: size)
        if swapped {
          if unsafe ElementBytes.areAll(fillValue, UnsafeRawBufferPointer(buffer), dataType) { return false }
          unsafe ElementBytes.swap(buffer, elementBytes: size)
          try unsafe apply(to: UnsafeRawBufferPointer(buffer), sink.count, sink, key, workspace)
          return true
        }
        return try unsafe encode(dense: UnsafeRawBufferPointer(buffer), into: sink, key, workspace)
      }
    }
  }

  private func encode(
    dense bytes: UnsafeRawBufferPointer, into sink: ByteSink, _ key: String, _ workspace: Workspace
  ) throws(ZarrError) -> Bool {
    if unsafe ElementBytes.areAll(fillValue, bytes, dataType) { return false }
    try unsafe apply(to: bytes, sink.count, sink, key, workspace)
    return true
  }

  /// Applies the stages to `bytes`, or to what the sink has from `start` on.
  private func apply(
    to bytes: UnsafeRawBufferPointer?, _ start: Int, _ sink: ByteSink, _ key: String, _ workspace: Workspace
  ) throws(ZarrError) {
    var pending = unsafe bytes
    for stage in stages {
      switch stage {
      case .zstd, .deflate, .blosc, .lz4:
        if let source = unsafe pending {
          try unsafe workspace.compress(source, by: stage, into: sink, key: key)
        } else {
          try workspace.withSink { (copy) throws(ZarrError) in
            try unsafe copy.append(UnsafeRawBufferPointer(rebasing: sink.bytes[start...]), key: key)
            sink.count = start
            try unsafe workspace.compress(copy.bytes, by: stage, into: sink, key: key)
          }
        }
        unsafe pending = nil
      case .crc32c, .fletcher32:
        if let source = unsafe pending { try unsafe sink.append(source, key: key) }
        unsafe pending = nil
        // SAFETY: the sink has bytes from `start` on; four more are added after their sum is known.
        let sum = unsafe ElementBytes.checksum(
          UnsafeRawBufferPointer(rebasing: sink.bytes[start...]), stage)
        unsafe try sink.extend(by: 4, key: key).storeBytes(of: sum.littleEndian, as: UInt32.self)
      }
    }
    if let source = unsafe pending { try unsafe sink.append(source, key: key) }
  }
}

extension ShardCodec {
  /// Encodes a shard to the end of a sink, its inner chunks in C order.
  ///
  /// - Returns: Which inner chunks were written; `nil`, and nothing is written, if none was.
  func encode(
    _ source: StridedElements, valid: Extent, into sink: ByteSink, key: String, _ workspace: Workspace
  ) throws(ZarrError) -> [Bool]? {
    let start = sink.count
    if indexLocation == .start { _ = try unsafe sink.extend(by: indexByteCount, key: key) }
    var entries = [UInt64](repeating: .max, count: 2 * grid.counts.count)
    let whole = Box(valid)
    for position in grid.chunks(touching: whole).positions {
      let box = grid.fullBox(at: position)
      let offset = sink.count
      let isStored = try inner.encode(
        source.advanced(to: box.origin), valid: box.intersection(whole).extent, into: sink, key: key,
        workspace)
      if !isStored { continue }
      let ordinal = grid.ordinal(of: position)
      entries[2 * ordinal] = UInt64(offset - start)
      entries[2 * ordinal + 1] = UInt64(sink.count - offset)
    }
    let index = ShardIndex(entries: entries)
    return try finish(index, entries, start, sink, key, workspace) ? index.presence : nil
  }

  /// Writes the index where it belongs; drops the shard if no chunk is in it.
  func finish(
    _ index: ShardIndex, _ entries: [UInt64], _ start: Int, _ sink: ByteSink, _ key: String,
    _ workspace: Workspace
  ) throws(ZarrError) -> Bool {
    guard index.presence.contains(true) else {
      sink.count = start
      return false
    }
    try workspace.withSink { (encoded) throws(ZarrError) in
      try encodeIndex(entries, into: encoded, key, workspace)
      let end = sink.count
      let place = indexLocation == .end ? end : start
      if indexLocation == .end { _ = try unsafe sink.extend(by: indexByteCount, key: key) }
      unsafe sink.overwrite(encoded.bytes, at: place)
    }
    return true
  }

  /// Encodes the index, of which at least one entry tells of a chunk.
  func encodeIndex(
    _ entries: [UInt64], into sink: ByteSink, _ key: String, _ workspace: Workspace
  ) throws(ZarrError) {
    var failure: ZarrError?
    unsafe entries.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      let shape = indexCodec.decodedShape
      do throws(ZarrError) {
        // SAFETY: the entries are a dense array of the index's shape. At least one of them differs from
        // the fill value, so that the codec writes.
        let source = unsafe StridedElements(reading: base, shape, elementBytes: 8)
        _ = try indexCodec.encode(source, valid: shape, into: sink, key: key, workspace)
      } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
