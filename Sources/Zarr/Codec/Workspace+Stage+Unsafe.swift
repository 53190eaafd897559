// SPDX-License-Identifier: Apache-2.0

extension Workspace {
  /// Appends the bytes as a stage of a codec chain compresses them; `stage` is no checksum.
  func compress(
    _ bytes: UnsafeRawBufferPointer, by stage: ChunkCodec.Stage, into sink: ByteSink, key: String
  ) throws(ZarrError) {
    switch stage {
    case .zstd(let level, let checksum):
      try unsafe compress(bytes, level: level, checksum: checksum, into: sink, key: key)
    case .deflate(let level, let gzip):
      try unsafe deflate(bytes, level: level, gzip: gzip, into: sink, key: key)
    case .blosc(let blosc): try unsafe compress(bytes, by: blosc, into: sink, key: key)
    case .lz4(let acceleration):
      try unsafe compressLZ4(bytes, acceleration: acceleration, into: sink, key: key)
    case .crc32c, .fletcher32: preconditionFailure("a checksum does not compress")
    }
  }

  /// Undoes a stage that compresses.
  ///
  /// - Returns: How many bytes of `target` were written.
  func decompress(
    _ bytes: UnsafeRawBufferPointer, by stage: ChunkCodec.Stage, into target: UnsafeMutableRawBufferPointer,
    key: String
  ) throws(ZarrError) -> Int {
    switch stage {
    case .zstd: try unsafe decompress(bytes, into: target, key: key)
    case .deflate: try unsafe inflate(bytes, into: target, key: key)
    case .blosc: try unsafe decompressBlosc(bytes, into: target, key: key)
    case .lz4: try unsafe decompressLZ4(bytes, into: target, key: key)
    case .crc32c, .fletcher32: preconditionFailure("a checksum does not compress")
    }
  }
}
