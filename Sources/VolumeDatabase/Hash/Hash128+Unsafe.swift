// SPDX-License-Identifier: Apache-2.0

internal import CXXHash
public import Catalog

extension Hash128 {
  /// Hashes bytes.
  public init(of bytes: [UInt8]) {
    // SAFETY: the buffer lives for the call.
    self = unsafe bytes.withUnsafeBytes { unsafe Hash128(of: $0) }
  }

  /// Hashes bytes.
  init(of bytes: UnsafeRawBufferPointer) {
    // SAFETY: xxHash reads `count` bytes from the base; an empty buffer has none to read.
    let hash = unsafe XXH3_128bits(bytes.baseAddress, bytes.count)
    self.init(high: hash.high64, low: hash.low64)
  }
}

extension Hash128 {
  /// Hashes a file, a few megabytes in memory at a time.
  init(ofFile path: String) throws(DatabaseError) {
    let file = try FileSystem.openForReading(path)
    defer { FileSystem.close(file) }
    guard let state = unsafe XXH3_createState() else {
      throw .system(path: path, operation: "read", code: 12)
    }
    defer { unsafe _ = XXH3_freeState(state) }
    unsafe _ = XXH3_128bits_reset(state)
    var buffer = [UInt8](repeating: 0, count: 1 << 22)
    while true {
      let count = try FileSystem.read(file, into: &buffer, path: path)
      if count == 0 { break }
      // SAFETY: the buffer lives for the call and has `count` bytes.
      unsafe buffer.withUnsafeBytes { unsafe _ = XXH3_128bits_update(state, $0.baseAddress, count) }
    }
    let hash = unsafe XXH3_128bits_digest(state)
    self.init(high: hash.high64, low: hash.low64)
  }
}
