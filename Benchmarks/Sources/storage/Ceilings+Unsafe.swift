// SPDX-License-Identifier: Apache-2.0

import Arrays
import CZstandard
import Foundation
import Synchronization

/// What the parts of the work would allow alone, on the same bytes by the same number of threads.
struct Ceilings {
  let volume: NDArray
  let folder: URL
  let threads: Int

  private let chunkLength = 64 * 64 * 64

  func run() throws {
    let mebibytes = Double(volume.byteCount) / 0x1p20
    // Chunks as they are compressed: dense.
    let grid = ChunkGrid(shape: volume.extent, chunk: [64, 64, 64])
    var chunks = NDArray(.uint8, [grid.counts.count * 64, 64, 64])
    for (number, index) in Box(grid.counts).positions.enumerated() {
      chunks.copy(grid.box(at: index), of: volume, to: [number * 64, 0, 0])
    }
    var frames: [[UInt8]] = []
    let compress = best(3) { frames = compressed(chunks) }
    let decompress = best(3) { self.decompress(frames) }
    var copy = NDArray(.uint8, volume.extent)
    let memory = best(3) { copied(to: &copy) }
    let files = pieces(frames)
    let write = try best(3) { try self.write(files) }
    let read = try best(3) { try self.read(files.count) }
    let durable = try best(3) {
      try self.write(files)
      for number in files.indices {
        let file = try FileHandle(forUpdating: place(number))
        try file.synchronize()
        try file.close()
      }
    }
    report(
      "ceilings",
      "zstd \(field(mebibytes / compress, 7, 0)) unzstd \(field(mebibytes / decompress, 7, 0))"
        + " memcpy \(field(mebibytes / memory, 7, 0)) file write \(field(mebibytes / write, 7, 0))"
        + " file read \(field(mebibytes / read, 7, 0)) with fsync \(field(mebibytes / durable, 7, 0))"
        + " MiB/s of voxels")
    for number in files.indices { try? FileManager.default.removeItem(at: place(number)) }
  }

  private func compressed(_ chunks: NDArray) -> [[UInt8]] {
    let count = chunks.byteCount / chunkLength
    let frames = Mutex([[UInt8]](repeating: [], count: count))
    concurrentForEach(count: threads, threads: threads) { thread in
      let context = unsafe ZSTD_createCCtx()
      // SAFETY (of this file): every call is given buffers with their own lengths.
      defer { unsafe ZSTD_freeCCtx(context) }
      for number in stride(from: thread, to: count, by: threads) {
        let bound = ZSTD_compressBound(chunkLength)
        let frame = unsafe chunks.withBytes { bytes in
          unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, length in
            length = unsafe ZSTD_compressCCtx(
              context, buffer.baseAddress, bound, bytes.baseAddress.map { unsafe $0 + number * chunkLength },
              chunkLength, 1)
          }
        }
        frames.withLock { $0[number] = frame }
      }
    }
    return frames.withLock { $0 }
  }

  private func decompress(_ frames: [[UInt8]]) {
    concurrentForEach(count: threads, threads: threads) { thread in
      let context = unsafe ZSTD_createDCtx()
      defer { unsafe ZSTD_freeDCtx(context) }
      var chunk = NDArray(.uint8, [64, 64, 64])
      for number in stride(from: thread, to: frames.count, by: threads) {
        unsafe chunk.withMutableBytes { target in
          unsafe frames[number].withUnsafeBytes { source in
            _ = unsafe ZSTD_decompressDCtx(
              context, target.baseAddress, target.count, source.baseAddress, source.count)
          }
        }
      }
    }
  }

  private func copied(to copy: inout NDArray) {
    let length = volume.byteCount / threads
    unsafe volume.withBytes { source in
      unsafe copy.withMutableBytes { target in
        let (from, to) = (UInt(bitPattern: source.baseAddress), UInt(bitPattern: target.baseAddress))
        concurrentForEach(count: threads, threads: threads) { thread in
          let offset = UInt(thread * length)
          guard let start = unsafe UnsafeRawPointer(bitPattern: from + offset),
            let end = unsafe UnsafeMutableRawPointer(bitPattern: to + offset)
          else { return }
          unsafe memcpy(end, start, length)
        }
      }
    }
  }

  // MARK: Files

  /// The frames of a shard, 64 of them, one after the other.
  private func pieces(_ frames: [[UInt8]]) -> [[UInt8]] {
    stride(from: 0, to: frames.count, by: 64).map { Array(frames[$0..<min($0 + 64, frames.count)].joined()) }
  }

  private func place(_ number: Int) -> URL { folder.appendingPathComponent("ceiling-\(number)") }

  private func write(_ files: [[UInt8]]) throws {
    try concurrentForEach(count: files.count, threads: threads) { (number) throws(any Error) in
      try? FileManager.default.removeItem(at: place(number))
      let file = unsafe open(place(number).path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
      defer { close(file) }
      let count = unsafe files[number].withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      guard count == files[number].count else { throw CocoaError(.fileWriteUnknown) }
    }
  }

  private func read(_ count: Int) throws {
    try concurrentForEach(count: count, threads: threads) { (number) throws(any Error) in
      let file = unsafe open(place(number).path, O_RDONLY)
      defer { close(file) }
      var buffer = NDArray(.uint8, [256 << 10])
      unsafe buffer.withMutableBytes { buffer in
        while unsafe Glibc.read(file, buffer.baseAddress, buffer.count) > 0 {}
      }
    }
  }
}
