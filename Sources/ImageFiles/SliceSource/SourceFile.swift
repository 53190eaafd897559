// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A file that voxels come from.
public struct SourceFile: Hashable, Sendable {
  /// Where it lies, as it was given or found.
  public let path: String

  /// Its size when it was opened.
  public let byteCount: Int

  /// The SHA-256 of its bytes in hexadecimal digits, read in pieces of 1 MiB.
  ///
  /// - Throws: ``ImageFileError`` if it can no longer be read or has another size than before.
  public func sha256() throws(ImageFileError) -> String {
    let file = try ByteFile(reading: path)
    var hash = SHA256()
    var offset = 0
    while offset < byteCount {
      let piece = try file.read(min(1 << 20, byteCount - offset), at: offset)
      hash.update(data: piece)
      offset += piece.count
    }
    guard file.byteCount == byteCount else {
      throw .inaccessible(path: path, reason: "it changed while it was read")
    }
    return hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
