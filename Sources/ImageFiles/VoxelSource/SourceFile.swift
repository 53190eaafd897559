// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A file that voxels come from.
public struct SourceFile: Hashable, Sendable {
  /// Where it lies, as it was given or found: a path or an address.
  public let path: String

  /// Its size when it was opened.
  public let byteCount: Int

  /// What was read of a file that may not be there to be read again.
  private let content: [UInt8]?

  /// A file of the file system.
  init(path: String, byteCount: Int) {
    self.path = path
    self.byteCount = byteCount
    content = nil
  }

  /// A document that was read as a whole.
  init(path: String, content: [UInt8]) {
    self.path = path
    byteCount = content.count
    self.content = content
  }

  /// The SHA-256 of its bytes in hexadecimal digits, read in pieces of 1 MiB.
  ///
  /// - Throws: ``ImageFileError`` if it can no longer be read or has another size than before.
  public func sha256() throws(ImageFileError) -> String {
    var hash = SHA256()
    if let content {
      hash.update(data: content)
    } else {
      let file = try ByteFile(reading: path)
      var offset = 0
      while offset < byteCount {
        let piece = try file.read(min(1 << 20, byteCount - offset), at: offset)
        hash.update(data: piece)
        offset += piece.count
      }
      guard file.byteCount == byteCount else {
        throw .inaccessible(path: path, reason: "it changed while it was read")
      }
    }
    return hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
