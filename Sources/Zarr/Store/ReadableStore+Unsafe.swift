// SPDX-License-Identifier: Apache-2.0

extension ReadableStore {
  /// Copies what the batch reading gives.
  public func read(
    _ request: ByteRangeRequest, into target: UnsafeMutableRawBufferPointer
  ) throws(ZarrError) -> Int? {
    guard let bytes = try read([request])[0] else { return nil }
    let count = min(bytes.count, target.count)
    // SAFETY: `count` bytes lie in both.
    unsafe bytes.withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(rebasing: target[..<count]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: source[..<count]))
    }
    return count
  }
}

extension WritableStore {
  /// Stores an object in place of the one that was there.
  public func write(_ bytes: [UInt8], to key: String) throws(ZarrError) {
    // SAFETY: bytes may be seen as raw bytes.
    try unsafe write(bytes.span.bytes, to: key)
  }

  /// Gathers the parts first.
  public func write(
    to key: String, _ body: (_ append: (RawSpan) throws(ZarrError) -> Void) throws(ZarrError) -> Bool
  ) throws(ZarrError) -> Bool {
    var bytes: [UInt8] = []
    guard try body({ bytes.append(copying: $0) }) else { return false }
    try write(bytes, to: key)
    return true
  }
}
