// SPDX-License-Identifier: Apache-2.0

import Arrays
import Synchronization

extension ZarrArray {
  /// Calls `body` with a shard encoded from `box` of `array` and with which inner chunks it has; with no
  /// bytes if every element is the fill value.
  func withEncoded(
    _ array: NDArray, _ box: Box, key: String, threads: Int,
    _ body: (RawSpan, [Bool]) throws(ZarrError) -> Void
  ) throws(ZarrError) {
    // SAFETY: the elements live while the closure runs and are not written to.
    try unsafe array.withBytes { (bytes) throws(ZarrError) in
      guard let base = bytes.baseAddress else { return }
      let source = unsafe StridedElements(
        reading: base, array.extent, elementBytes: dataType.byteCount
      ).advanced(to: box.origin)
      try Workspace.lend { (workspace) throws(ZarrError) in
        try workspace.withSink { (sink) throws(ZarrError) in
          let presence = try encode(source, box.extent, into: sink, key: key, threads: threads, workspace)
          // SAFETY: the sink is not changed while the span is in use.
          try body(unsafe sink.bytes.bytes, presence ?? [])
        }
      }
    }
  }

  private func encode(
    _ source: StridedElements, _ valid: Extent, into sink: ByteSink, key: String, threads: Int,
    _ workspace: Workspace
  ) throws(ZarrError) -> [Bool]? {
    guard let shard = codec.directShard else {
      return try codec.encode(source, valid: valid, into: sink, key: key, workspace) ? [true] : nil
    }
    if threads > 1 {
      return try shard.encode(source, valid: valid, into: sink, key: key, threads: threads, workspace)
    }
    return try shard.encode(source, valid: valid, into: sink, key: key, workspace)
  }
}

extension ShardCodec {
  /// Some inner chunks encoded one after another.
  private struct Segment: Sendable {
    var bytes: [UInt8] = []
    /// Ordinal and length of each chunk that is there.
    var chunks: [(ordinal: Int, length: Int)] = []
  }

  /// Encodes a shard by several threads; the bytes are the same as by one.
  func encode(
    _ source: StridedElements, valid: Extent, into sink: ByteSink, key: String, threads: Int,
    _ workspace: Workspace
  ) throws(ZarrError) -> [Bool]? {
    let positions = Array(grid.chunks(touching: Box(valid)).positions)
    let segmentLength = max(1, positions.count / (8 * threads))
    let segmentCount = (positions.count + segmentLength - 1) / segmentLength
    let segments = Mutex([Segment](repeating: Segment(), count: segmentCount))
    try concurrentForEach(count: segmentCount, threads: threads) { (number) throws(ZarrError) in
      let part = positions[(number * segmentLength)...].prefix(segmentLength)
      let segment = try Workspace.lend { (workspace) throws(ZarrError) in
        try encode(part, source, valid, key, workspace)
      }
      segments.withLock { $0[number] = segment }
    }
    let start = sink.count
    if indexLocation == .start { _ = try unsafe sink.extend(by: indexByteCount, key: key) }
    var entries = [UInt64](repeating: .max, count: 2 * grid.counts.count)
    for segment in segments.withLock({ $0 }) {
      var offset = sink.count - start
      for chunk in segment.chunks {
        entries[2 * chunk.ordinal] = UInt64(offset)
        entries[2 * chunk.ordinal + 1] = UInt64(chunk.length)
        offset += chunk.length
      }
      try sink.append(segment.bytes, key: key)
    }
    let index = ShardIndex(entries: entries)
    return try finish(index, entries, start, sink, key, workspace) ? index.presence : nil
  }

  private func encode(
    _ positions: ArraySlice<[Int]>, _ source: StridedElements, _ valid: Extent, _ key: String,
    _ workspace: Workspace
  ) throws(ZarrError) -> Segment {
    try workspace.withSink { (sink) throws(ZarrError) in
      var segment = Segment()
      for position in positions {
        let box = grid.fullBox(at: position)
        let offset = sink.count
        let isStored = try inner.encode(
          source.advanced(to: box.origin), valid: box.intersection(Box(valid)).extent, into: sink, key: key,
          workspace)
        if isStored { segment.chunks.append((grid.ordinal(of: position), sink.count - offset)) }
      }
      // SAFETY: the sink is not changed while its bytes are copied.
      segment.bytes = [UInt8](copying: unsafe sink.bytes.bytes)
      return segment
    }
  }
}

extension ByteSink {
  /// Appends a copy of the bytes.
  func append(_ bytes: [UInt8], key: String) throws(ZarrError) {
    let target = try unsafe extend(by: bytes.count, key: key)
    // SAFETY: the target has as many bytes.
    unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
  }
}

extension [UInt8] {
  /// A copy of raw bytes.
  init(copying bytes: RawSpan) {
    // SAFETY: the buffer has as many bytes as the span, all of which are written.
    self = unsafe bytes.withUnsafeBytes { source in
      unsafe [UInt8](unsafeUninitializedCapacity: source.count) { buffer, count in
        unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
        count = source.count
      }
    }
  }
}
