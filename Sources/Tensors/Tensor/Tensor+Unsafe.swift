// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Tensor {
  /// Owns the elements of a tensor; shared by its copies.
  ///
  /// Written only while ``Tensor`` holds the one reference to it, hence safe to send.
  @safe final class Storage: @unchecked Sendable {
    let elements: UnsafeMutableBufferPointer<Float>

    /// Zeroed memory, aligned to 64 bytes for vector instructions.
    init(count: Int) {
      // SAFETY: calloc gives at least 4 · count + 64 zeroed bytes or nil; the base is moved up to the
      // next multiple of 64 by fewer than 64 bytes, and `block` alone is freed.
      guard let block = unsafe calloc(count * 4 + 64, 1) else {
        fatalError("out of memory: no room for a tensor of \(count * 4) bytes")
      }
      unsafe self.block = unsafe block
      let shift = Int((64 - UInt(bitPattern: block) % 64) % 64)
      let start = unsafe (block + shift).bindMemory(to: Float.self, capacity: count)
      unsafe elements = UnsafeMutableBufferPointer(start: start, count: count)
    }

    var count: Int { unsafe elements.count }

    deinit { unsafe free(block) }

    private let block: UnsafeMutableRawPointer
  }

  /// Calls `body` with the elements in C order, which live as long as the call.
  public func withElements<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: `self` keeps the storage alive for the call.
    try unsafe body(UnsafeBufferPointer(storage.elements))
  }

  /// Calls `body` with the elements in C order for writing, copied first if they are shared.
  public mutating func withMutableElements<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = Storage(count: storage.count)
      // SAFETY: both blocks have `count` elements and do not overlap.
      _ = unsafe copy.elements.update(fromContentsOf: storage.elements)
      storage = copy
    }
    // SAFETY: the one reference to the storage is held by `self` for the call.
    return try unsafe body(storage.elements)
  }

  /// Calls `body` with the elements in C order, bounds checked.
  @inlinable
  public func withSpan<Result, Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: the span cannot leave the closure, within which the elements live.
    try unsafe withElements { elements throws(Failure) in try unsafe body(elements.span) }
  }

  /// Calls `body` with the elements in C order for writing, bounds checked.
  @inlinable
  public mutating func withMutableSpan<Result, Failure: Error>(
    _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: the span cannot leave the closure, within which the elements live.
    try unsafe withMutableElements { elements throws(Failure) in
      var span = unsafe elements.mutableSpan
      return try body(&span)
    }
  }
}

extension Tensor: Equatable {
  /// Equal shape and bits; two NaN of equal bits are equal.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.shape == b.shape else { return false }
    // SAFETY: both blocks have `count` elements and live while they are compared.
    return unsafe a.withElements { first in
      unsafe b.withElements { second in
        guard let start = first.baseAddress, let other = second.baseAddress else { return true }
        return unsafe memcmp(start, other, first.count * 4) == 0
      }
    }
  }
}
