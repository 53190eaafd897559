// SPDX-License-Identifier: Apache-2.0

import Arrays
import Synchronization

extension ZarrArray {
  /// Encodes a shard from `box` of `array` and gives its bytes away part by part.
  ///
  /// - Returns: Which inner chunks it has; `nil`, and nothing was given, if every element is the fill value.
  func encode(
    _ array: NDArray, _ box: Box, key: String, threads: Int, _ give: (RawSpan) throws(ZarrError) -> Void
  ) throws(ZarrError) -> [Bool]? {
    // SAFETY: the elements live while the closure runs and are not written to.
    try unsafe array.withBytes { (bytes) throws(ZarrError) in
      guard let base = bytes.baseAddress else { return nil }
      let source = unsafe StridedElements(
        reading: base, array.extent, elementBytes: dataType.byteCount
      ).advanced(to: box.origin)
      return try Workspace.lend { (workspace) throws(ZarrError) in
        guard let shard = codec.directShard, shard.indexLocation == .end || threads > 1 else {
          return try encodeWhole(source, box.extent, key: key, workspace, give)
        }
        if threads > 1 {
          return try shard.encode(source, valid: box.extent, key: key, threads: threads, workspace, give)
        }
        return try shard.encode(source, valid: box.extent, key: key, workspace, give)
      }
    }
  }

  private func encodeWhole(
    _ source: StridedElements, _ valid: Extent, key: String, _ workspace: Workspace,
    _ give: (RawSpan) throws(ZarrError) -> Void
  ) throws(ZarrError) -> [Bool]? {
    try workspace.withSink { (sink) throws(ZarrError) in
      let presence: [Bool]?
      if let shard = codec.directShard {
        presence = try shard.encode(source, valid: valid, into: sink, key: key, workspace)
      } else {
        presence = try codec.encode(source, valid: valid, into: sink, key: key, workspace) ? [true] : nil
      }
      // SAFETY: the sink is not changed while the span is in use.
      if presence != nil { try give(unsafe sink.bytes.bytes) }
      return presence
    }
  }
}

extension ShardCodec {
  /// Encoded bytes that still lie in a core's own cache when they are given away.
  private static let partLength = 256 << 10

  /// Encodes a shard whose index is at its end, part by part.
  fileprivate func encode(
    _ source: StridedElements, valid: Extent, key: String, _ workspace: Workspace,
    _ give: (RawSpan) throws(ZarrError) -> Void
  ) throws(ZarrError) -> [Bool]? {
    try workspace.withSink { (sink) throws(ZarrError) in
      var entries = [UInt64](repeating: .max, count: 2 * grid.counts.count)
      var given = 0
      for position in grid.chunks(touching: Box(valid)).positions {
        let length = try encode(position, source, valid, into: sink, key, workspace)
        guard length > 0 else { continue }
        let ordinal = grid.ordinal(of: position)
        entries[2 * ordinal] = UInt64(given + sink.count - length)
        entries[2 * ordinal + 1] = UInt64(length)
        if sink.count < Self.partLength { continue }
        given += sink.count
        // SAFETY: the sink is not changed while the span is in use.
        try give(unsafe sink.bytes.bytes)
        sink.count = 0
      }
      if given + sink.count == 0 { return nil }
      try encodeIndex(entries, into: sink, key, workspace)
      // SAFETY: as above.
      try give(unsafe sink.bytes.bytes)
      return ShardIndex(entries: entries).presence
    }
  }

  /// Encodes one inner chunk.
  ///
  /// - Returns: How many bytes that added to the sink.
  private func encode(
    _ position: [Int], _ source: StridedElements, _ valid: Extent, into sink: ByteSink, _ key: String,
    _ workspace: Workspace
  ) throws(ZarrError) -> Int {
    let box = grid.fullBox(at: position)
    let start = sink.count
    let isStored = try inner.encode(
      source.advanced(to: box.origin), valid: box.intersection(Box(valid)).extent, into: sink, key: key,
      workspace)
    return isStored ? sink.count - start : 0
  }

  /// Some inner chunks encoded one after another.
  private struct Segment: Sendable {
    var bytes: [UInt8] = []
    /// Ordinal and length of each chunk that is there.
    var chunks: [(ordinal: Int, length: Int)] = []
  }

  /// Encodes a shard by several threads; the bytes are the same as by one.
  fileprivate func encode(
    _ source: StridedElements, valid: Extent, key: String, threads: Int, _ workspace: Workspace,
    _ give: (RawSpan) throws(ZarrError) -> Void
  ) throws(ZarrError) -> [Bool]? {
    let positions = Array(grid.chunks(touching: Box(valid)).positions)
    let segmentLength = max(1, positions.count / (8 * threads))
    let segmentCount = (positions.count + segmentLength - 1) / segmentLength
    let results = Guarded([Segment](repeating: Segment(), count: segmentCount))
    try concurrentForEach(count: segmentCount, threads: threads) { (number) throws(ZarrError) in
      let part = positions[(number * segmentLength)...].prefix(segmentLength)
      let segment = try Workspace.lend { (workspace) throws(ZarrError) in
        try encode(part, source, valid, key, workspace)
      }
      results.withLock { $0[number] = segment }
    }
    let segments = results.withLock { $0 }
    var entries = [UInt64](repeating: .max, count: 2 * grid.counts.count)
    let start = indexLocation == .start ? indexByteCount : 0
    var offset = start
    for chunk in segments.lazy.flatMap(\.chunks) {
      entries[2 * chunk.ordinal] = UInt64(offset)
      entries[2 * chunk.ordinal + 1] = UInt64(chunk.length)
      offset += chunk.length
    }
    if offset == start { return nil }
    try workspace.withSink { (index) throws(ZarrError) in
      try encodeIndex(entries, into: index, key, workspace)
      // SAFETY: neither sink nor segments are changed while a span is in use.
      if indexLocation == .start { try give(unsafe index.bytes.bytes) }
      for segment in segments { try give(unsafe segment.bytes.span.bytes) }
      if indexLocation == .end { try give(unsafe index.bytes.bytes) }
    }
    return ShardIndex(entries: entries).presence
  }

  private func encode(
    _ positions: ArraySlice<[Int]>, _ source: StridedElements, _ valid: Extent, _ key: String,
    _ workspace: Workspace
  ) throws(ZarrError) -> Segment {
    try workspace.withSink { (sink) throws(ZarrError) in
      var segment = Segment()
      for position in positions {
        let length = try encode(position, source, valid, into: sink, key, workspace)
        if length > 0 { segment.chunks.append((grid.ordinal(of: position), length)) }
      }
      // SAFETY: the sink is not changed while its bytes are copied.
      segment.bytes = [UInt8](copying: unsafe sink.bytes.bytes)
      return segment
    }
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

  /// Appends a copy of raw bytes.
  mutating func append(copying bytes: RawSpan) {
    // SAFETY: the pointer is used while the span lives.
    unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }
}
