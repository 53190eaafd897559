// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension NDArray {
  /// Calls `body` with the bytes of the array, which live as long as the call.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: `self` keeps the storage alive for the call.
    try unsafe body(UnsafeRawBufferPointer(storage.bytes))
  }

  /// Calls `body` with the bytes of the array for writing, copied first if they are shared.
  public mutating func withMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = Storage(byteCount: byteCount, zeroed: false)
      // SAFETY: both blocks have `byteCount` bytes and do not overlap.
      unsafe copy.bytes.copyMemory(from: UnsafeRawBufferPointer(storage.bytes))
      storage = copy
    }
    // SAFETY: the one reference to the storage is held by `self` for the call.
    return try unsafe body(storage.bytes)
  }

  /// Calls `body` with the elements in C order.
  ///
  /// - Precondition: `Element` is what ``dataType`` says (`UInt8` for `bool`).
  @inlinable
  public func withElements<Element: ArrayElement, Result, Failure: Error>(
    of type: Element.Type, _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(
      Element.dataType == dataType || (dataType == .bool && Element.dataType == .uint8),
      "the element type is the array's")
    // SAFETY: the block holds `count` elements of this type, aligned to 64 bytes.
    return try unsafe withBytes { bytes throws(Failure) in
      try unsafe body(bytes.assumingMemoryBound(to: Element.self))
    }
  }

  /// Calls `body` with the elements in C order for writing, copied first if they are shared.
  ///
  /// - Precondition: `Element` is what ``dataType`` says (`UInt8` for `bool`).
  @inlinable
  public mutating func withMutableElements<Element: ArrayElement, Result, Failure: Error>(
    of type: Element.Type, _ body: (UnsafeMutableBufferPointer<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(
      Element.dataType == dataType || (dataType == .bool && Element.dataType == .uint8),
      "the element type is the array's")
    // SAFETY: the block holds `count` elements of this type, aligned to 64 bytes.
    return try unsafe withMutableBytes { bytes throws(Failure) in
      try unsafe body(bytes.assumingMemoryBound(to: Element.self))
    }
  }
}

extension NDArray {
  /// The elements in C order.
  ///
  /// - Precondition: `Element` is what ``dataType`` says (`UInt8` for `bool`).
  public func elements<Element: ArrayElement>(as type: Element.Type = Element.self) -> [Element] {
    // SAFETY: the elements are copied while they live.
    unsafe withElements(of: type) { unsafe [Element]($0) }
  }

  /// Sets all elements.
  mutating func copy<Element: ArrayElement>(_ elements: [Element]) {
    // SAFETY: the block has as many elements.
    unsafe withMutableElements(of: Element.self) { _ = unsafe $0.update(fromContentsOf: elements) }
  }
}

extension NDArray {
  /// Calls `body` with the elements in C order, bounds checked.
  ///
  /// - Precondition: `Element` is what ``dataType`` says (`UInt8` for `bool`).
  @inlinable
  public func withSpan<Element: ArrayElement, Result, Failure: Error>(
    of type: Element.Type, _ body: (Span<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: the span cannot leave the closure, within which the elements live.
    try unsafe withElements(of: type) { elements throws(Failure) in
      try unsafe body(elements.span)
    }
  }

  /// Calls `body` with the elements in C order for writing, bounds checked.
  ///
  /// - Precondition: `Element` is what ``dataType`` says (`UInt8` for `bool`).
  @inlinable
  public mutating func withMutableSpan<Element: ArrayElement, Result, Failure: Error>(
    of type: Element.Type, _ body: (inout MutableSpan<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: the span cannot leave the closure, within which the elements live.
    try unsafe withMutableElements(of: type) { elements throws(Failure) in
      var span = unsafe elements.mutableSpan
      return try body(&span)
    }
  }
}

extension NDArray: Equatable {
  /// Equal type, shape and bytes; two NaN of equal bits are equal.
  public static func == (a: NDArray, b: NDArray) -> Bool {
    guard a.dataType == b.dataType && a.extent == b.extent else { return false }
    // SAFETY: both blocks have `byteCount` bytes and live while they are compared.
    return unsafe a.withBytes { first in
      unsafe b.withBytes { second in
        guard let start = first.baseAddress, let other = second.baseAddress else { return true }
        return unsafe memcmp(start, other, first.count) == 0
      }
    }
  }
}
