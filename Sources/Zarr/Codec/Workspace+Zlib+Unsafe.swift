// SPDX-License-Identifier: Apache-2.0

import CZlib

extension Workspace {
  /// Appends the bytes as one gzip member or one zlib stream.
  func deflate(
    _ bytes: UnsafeRawBufferPointer, level: Int, gzip: Bool, into sink: ByteSink, key: String
  ) throws(ZarrError) {
    let start = sink.count
    let bound = zlib_bound(bytes.count)
    let target = try unsafe sink.extend(by: bound, key: key)
    var written = 0
    // SAFETY: source and target have the lengths given and do not overlap.
    let code = unsafe zlib_compress(
      bytes.baseAddress, bytes.count, target.baseAddress, bound, Int32(level), gzip ? 1 : 0, &written)
    guard code == Z_OK else { throw .outOfMemory(key: key, bytes: bound) }
    sink.count = start + written
  }

  /// Decompresses gzip members or a zlib stream.
  ///
  /// - Returns: How many bytes of `target` were written.
  func inflate(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, key: String
  ) throws(ZarrError) -> Int {
    var written = 0
    // SAFETY: source and target have the lengths given and do not overlap.
    let code = unsafe zlib_decompress(
      bytes.baseAddress, bytes.count, target.baseAddress, target.count, &written)
    switch code {
    case Z_OK: return written
    case Z_MEM_ERROR: throw .outOfMemory(key: key, bytes: target.count)
    case Z_BUF_ERROR: throw .corruptChunk(key: key, reason: "its deflate stream is cut short or too long")
    default: throw .corruptChunk(key: key, reason: "its deflate stream is damaged")
    }
  }
}
