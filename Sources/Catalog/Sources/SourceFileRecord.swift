// SPDX-License-Identifier: Apache-2.0

/// A file that a version was made from.
public struct SourceFileRecord: Hashable, Sendable {
  /// Where it lay.
  public let path: String
  /// Its size.
  public let byteCount: Int
  /// Its SHA-256, in lower-case hexadecimal.
  public let sha256: String

  public init(path: String, byteCount: Int, sha256: String) {
    self.path = path
    self.byteCount = byteCount
    self.sha256 = sha256
  }
}
