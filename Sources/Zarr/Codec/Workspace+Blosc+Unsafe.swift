// SPDX-License-Identifier: Apache-2.0

import CBlosc

extension Workspace {
  /// Appends the bytes as one Blosc buffer.
  ///
  /// - Throws: ``ZarrError/unsupported(key:what:)`` where there are more bytes than such a buffer can hold, or
  ///   where the library of this machine was built without the compressor.
  func compress(
    _ bytes: UnsafeRawBufferPointer, by blosc: Codec.Blosc, into sink: ByteSink, key: String
  ) throws(ZarrError) {
    guard bytes.count <= blosc_max_buffer_size else {
      throw .unsupported(key: key, what: "the codec 'blosc' for \(bytes.count) bytes, which is over 2 GiB,")
    }
    let shuffle: Int32 =
      switch blosc.shuffle {
      case .none: BLOSC_NOSHUFFLE
      case .bytes: BLOSC_SHUFFLE
      case .bits: BLOSC_BITSHUFFLE
      }
    let name = blosc.compressor.rawValue
    guard unsafe blosc_compname_to_compcode(name) >= 0 else {
      throw .unsupported(key: key, what: "the compressor '\(name)' in the library Blosc of this machine")
    }
    let start = sink.count
    let bound = bytes.count + Int(BLOSC_MAX_OVERHEAD)
    let target = try unsafe sink.extend(by: bound, key: key)
    // SAFETY: source and target have the lengths given and do not overlap; the function keeps no state.
    let count = unsafe blosc_compress_ctx(
      Int32(blosc.level), shuffle, blosc.typeSize ?? 1, bytes.count, bytes.baseAddress, target.baseAddress,
      bound, name, blosc.blockSize, 1)
    // A bound of the content's length and the overhead is always enough.
    guard count > 0 else { throw .outOfMemory(key: key, bytes: bound) }
    sink.count = start + Int(count)
  }

  /// Decompresses one Blosc buffer.
  ///
  /// - Returns: How many bytes of `target` were written.
  func decompressBlosc(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, key: String
  ) throws(ZarrError) -> Int {
    var size = 0
    // SAFETY: the library reads no more than the length given.
    guard let base = bytes.baseAddress, unsafe blosc_cbuffer_validate(base, bytes.count, &size) == 0 else {
      throw .corruptChunk(key: key, reason: "its Blosc header does not fit its \(bytes.count) bytes")
    }
    guard size <= target.count else {
      throw .corruptChunk(key: key, reason: "its Blosc buffer holds \(size) bytes, not \(target.count)")
    }
    // SAFETY: the header's length was found to be that of the source; the target's length is given.
    switch unsafe blosc_decompress_ctx(base, target.baseAddress, target.count, 1) {
    case Int32(size): return size
    // The library's code for a compressor that it was built without.
    case -5:
      let name = unsafe blosc_cbuffer_complib(base).map { unsafe String(cString: $0) } ?? "unknown"
      throw .unsupported(key: key, what: "the compressor '\(name)' in the library Blosc of this machine")
    default: throw .corruptChunk(key: key, reason: "its Blosc buffer is damaged")
    }
  }
}
