// SPDX-License-Identifier: Apache-2.0

import Arrays
import CZstd
import Synchronization

/// The memory and the Zstandard contexts that one thread encodes and decodes with, kept for the next.
///
/// Used by one thread at a time, hence safe to hand from one to another.
@safe final class Workspace: @unchecked Sendable {
  private var buffers: [ByteSink] = []
  private var depth = 0
  private let compressor: OpaquePointer?
  private let decompressor: OpaquePointer?

  init() {
    unsafe compressor = unsafe ZSTD_createCCtx()
    unsafe decompressor = unsafe ZSTD_createDCtx()
  }

  deinit {
    // SAFETY: both belong to this object alone; nil is allowed.
    unsafe ZSTD_freeCCtx(compressor)
    unsafe ZSTD_freeDCtx(decompressor)
  }

  /// Lends an empty sink for the length of the call; calls may be nested.
  func withSink<Result>(_ body: (ByteSink) throws(ZarrError) -> Result) throws(ZarrError) -> Result {
    if depth == buffers.count { buffers.append(ByteSink()) }
    let sink = buffers[depth]
    sink.count = 0
    depth += 1
    defer { depth -= 1 }
    return try body(sink)
  }

  /// Lends memory of undefined content for the length of the call.
  func withBuffer<Result>(
    _ byteCount: Int, key: String, _ body: (UnsafeMutableRawBufferPointer) throws(ZarrError) -> Result
  ) throws(ZarrError) -> Result {
    try withSink { (sink) throws(ZarrError) in
      // SAFETY: the sink keeps these bytes as long as it is lent and not appended to.
      try unsafe body(try unsafe sink.extend(by: byteCount, key: key))
    }
  }

  /// Appends the bytes as one frame with its content size.
  func compress(
    _ bytes: UnsafeRawBufferPointer, level: Int, checksum: Bool, into sink: ByteSink, key: String
  ) throws(ZarrError) {
    let start = sink.count
    let bound = ZSTD_compressBound(bytes.count)
    let target = try unsafe sink.extend(by: bound, key: key)
    // SAFETY: target and source have the lengths given and do not overlap; the context is this thread's.
    unsafe ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, Int32(level))
    unsafe ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, checksum ? 1 : 0)
    let count = unsafe ZSTD_compress2(
      compressor, target.baseAddress, bound, bytes.baseAddress, bytes.count)
    guard ZSTD_isError(count) == 0 else { throw .outOfMemory(key: key, bytes: bound) }
    sink.count = start + count
  }

  /// Decompresses all frames of `bytes`.
  ///
  /// - Returns: How many bytes of `target` were written.
  func decompress(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, key: String
  ) throws(ZarrError) -> Int {
    // SAFETY: target and source have the lengths given and do not overlap; the context is this thread's.
    let count = unsafe ZSTD_decompressDCtx(
      decompressor, target.baseAddress, target.count, bytes.baseAddress, bytes.count)
    if ZSTD_isError(count) != 0 {
      let reason = unsafe String(cString: ZSTD_getErrorName(count))
      throw .corruptChunk(key: key, reason: "Zstandard says \(reason)")
    }
    return count
  }

  /// Decompresses a frame block by block until enough of it is there.
  ///
  /// - Parameters:
  ///   - target: Room for the whole content.
  ///   - needed: How many bytes must be there at the end.
  /// - Returns: Whether the frame has the content size of `target`; if not, nothing was done.
  func decompressStart(
    of bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, needed: Int, key: String
  ) throws(ZarrError) -> Bool {
    // SAFETY: the buffer has the length given.
    guard unsafe ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count) == UInt64(target.count) else {
      return false
    }
    beginBlocks()
    defer { endBlocks() }
    var output = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
    try unsafe decompressBlocks(of: bytes, into: &output, needed: needed, hint: 5, key: key)
    return true
  }

  /// Decompresses blocks that do not depend on others.
  ///
  /// - Parameter target: Room for their content, which becomes full.
  func decompress(
    blocks bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, key: String
  ) throws(ZarrError) {
    beginBlocks()
    defer { endBlocks() }
    var output = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
    // The header of a frame of unknown size with a window of 1 MiB: RFC 8878, section 3.1.1.1.
    let header: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0, 10 << 3]
    // SAFETY: the header lives while the call runs.
    let hint = unsafe header.withUnsafeBytes { header in
      var input = unsafe ZSTD_inBuffer(src: header.baseAddress, size: header.count, pos: 0)
      return unsafe ZSTD_decompressStream(decompressor, &output, &input)
    }
    try unsafe decompressBlocks(of: bytes, into: &output, needed: target.count, hint: hint, key: key)
  }

  /// Makes the context decode blocks where they belong, not copy them there: the parameter "stable output
  /// buffer".
  private func beginBlocks() {
    // SAFETY (here and below): the context is this thread's.
    unsafe ZSTD_DCtx_reset(decompressor, ZSTD_reset_session_only)
    unsafe ZSTD_DCtx_setParameter(decompressor, ZSTD_d_experimentalParam2, 1)
  }

  private func endBlocks() { unsafe ZSTD_DCtx_reset(decompressor, ZSTD_reset_session_and_parameters) }

  /// - Parameter hint: How many bytes the context wants first.
  private func decompressBlocks(
    of bytes: UnsafeRawBufferPointer, into output: inout ZSTD_outBuffer, needed: Int, hint: Int, key: String
  ) throws(ZarrError) {
    // SAFETY: the buffers have the lengths given; the context is this thread's.
    var input = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: min(hint, bytes.count), pos: 0)
    while unsafe output.pos < needed {
      let before = unsafe input.size
      let hint = unsafe ZSTD_decompressStream(decompressor, &output, &input)
      if ZSTD_isError(hint) != 0 {
        let reason = unsafe String(cString: ZSTD_getErrorName(hint))
        throw .corruptChunk(key: key, reason: "Zstandard says \(reason)")
      }
      // The hint is the length of the next block, so that each call decodes one.
      unsafe input.size = min(input.pos + hint, bytes.count)
      if unsafe input.size == before, unsafe output.pos < needed {
        throw .corruptChunk(key: key, reason: "its Zstandard frame is cut short")
      }
    }
  }

  /// Gives back memory that only an unusually large chunk needed.
  private func trim() { for sink in buffers { sink.trim(to: 64 << 20) } }

  // MARK: Pool

  private static let idle = Guarded<[Workspace]>([])

  /// Lends a workspace for the length of the call.
  static func lend<Result>(_ body: (Workspace) throws(ZarrError) -> Result) throws(ZarrError) -> Result {
    let workspace = idle.withLock { $0.popLast() } ?? Workspace()
    defer {
      workspace.trim()
      idle.withLock { if $0.count < 64 { $0.append(workspace) } }
    }
    return try body(workspace)
  }
}
