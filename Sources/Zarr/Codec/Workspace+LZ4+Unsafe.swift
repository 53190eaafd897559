// SPDX-License-Identifier: Apache-2.0

import CLZ4

/// As numcodecs stores it: the content's length in four bytes, lowest first, then one block.
extension Workspace {
  func compressLZ4(
    _ bytes: UnsafeRawBufferPointer, acceleration: Int, into sink: ByteSink, key: String
  ) throws(ZarrError) {
    guard bytes.count <= Int(LZ4_MAX_INPUT_SIZE) else {
      throw .unsupported(key: key, what: "the codec 'lz4' for \(bytes.count) bytes, which is over 1.97 GiB,")
    }
    let start = sink.count
    let bound = Int(LZ4_compressBound(Int32(bytes.count)))
    let target = try unsafe sink.extend(by: 4 + bound, key: key)
    unsafe target.storeBytes(of: UInt32(bytes.count).littleEndian, as: UInt32.self)
    let block = unsafe UnsafeMutableRawBufferPointer(rebasing: target[4...])
    // SAFETY: source and target have the lengths given and do not overlap.
    let count = unsafe LZ4_compress_fast(
      bytes.assumingMemoryBound(to: CChar.self).baseAddress,
      block.assumingMemoryBound(to: CChar.self).baseAddress, Int32(bytes.count), Int32(bound),
      Int32(acceleration))
    guard count > 0 else { throw .outOfMemory(key: key, bytes: bound) }
    sink.count = start + 4 + Int(count)
  }

  /// - Returns: How many bytes of `target` were written.
  func decompressLZ4(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, key: String
  ) throws(ZarrError) -> Int {
    guard bytes.count > 4, let length = Int32(exactly: bytes.count - 4) else {
      throw .corruptChunk(key: key, reason: "it has \(bytes.count) bytes, which no LZ4 block has")
    }
    let size = unsafe Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
    guard size <= target.count, let capacity = Int32(exactly: size) else {
      throw .corruptChunk(key: key, reason: "its LZ4 block holds \(size) bytes, not \(target.count)")
    }
    let block = unsafe UnsafeRawBufferPointer(rebasing: bytes[4...])
    // SAFETY: the function writes no more than `size` bytes, for which the target has room, and reads no
    // more than the block.
    let count = unsafe LZ4_decompress_safe(
      block.assumingMemoryBound(to: CChar.self).baseAddress,
      target.assumingMemoryBound(to: CChar.self).baseAddress, length, capacity)
    guard count == capacity else { throw .corruptChunk(key: key, reason: "its LZ4 block is damaged") }
    return size
  }
}
