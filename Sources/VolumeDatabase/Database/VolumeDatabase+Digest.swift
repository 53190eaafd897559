// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

extension VolumeDatabase {
  /// The SHA-256 of a file in hexadecimal digits, as the catalog has it of weights; read in pieces of 4 MiB.
  ///
  /// - Throws: What opening and reading it throws.
  public static func sha256(ofFile path: String) throws -> String {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    var hash = SHA256()
    while let part = try file.read(upToCount: 1 << 22), !part.isEmpty { hash.update(data: part) }
    return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
