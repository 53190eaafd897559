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
