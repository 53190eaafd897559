// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Bytes that grow at the end, in memory that is not cleared and is kept for the next use.
///
/// Used by one thread at a time.
@safe final class ByteSink {
  /// How many bytes there are; set it to less to drop the last ones.
  var count = 0 {
    didSet { precondition(count <= capacity, "a sink cannot be longer than its memory") }
  }
  private var capacity = 0
  private var memory: UnsafeMutableRawPointer?

  // SAFETY: the memory came from malloc and is this object's alone.
  deinit { unsafe free(memory) }

  /// The bytes so far; valid until the next change.
  var bytes: UnsafeRawBufferPointer {
    // SAFETY: `count` never exceeds the memory.
    unsafe UnsafeRawBufferPointer(start: memory, count: count)
  }

  /// Appends bytes of undefined content; valid until the next change.
  func extend(by byteCount: Int, key: String) throws(ZarrError) -> UnsafeMutableRawBufferPointer {
    let start = count
    if start + byteCount > capacity {
      let size = max(start + byteCount, capacity + capacity / 2)
      // SAFETY: on success realloc has moved the old bytes and freed their block; else it kept them.
      guard let larger = unsafe realloc(memory, max(size, 4096)) else {
        throw .outOfMemory(key: key, bytes: size)
      }
      unsafe memory = larger
      capacity = max(size, 4096)
    }
    count = start + byteCount
    // SAFETY: the memory holds `count` bytes.
    return unsafe UnsafeMutableRawBufferPointer(start: memory.map { unsafe $0 + start }, count: byteCount)
  }

  /// Appends a copy of the bytes, which must not be this sink's own.
  func append(_ bytes: UnsafeRawBufferPointer, key: String) throws(ZarrError) {
    // SAFETY: the extension has as many bytes.
    unsafe try extend(by: bytes.count, key: key).copyMemory(from: bytes)
  }

  /// Replaces bytes that are there.
  func overwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    precondition(offset + bytes.count <= count, "only bytes that are there can be replaced")
    // SAFETY: just checked; the other bytes are not this sink's.
    unsafe UnsafeMutableRawBufferPointer(start: memory.map { unsafe $0 + offset }, count: bytes.count)
      .copyMemory(from: bytes)
  }

  /// Frees the memory if it is larger than `limit`.
  func trim(to limit: Int) {
    guard capacity > limit else { return }
    // SAFETY: the memory came from malloc, and nothing refers to it any more.
    unsafe free(memory)
    unsafe memory = nil
    capacity = 0
    count = 0
  }
}
