// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where everything goes that is not a result.
enum StandardError {
  /// Writes one line.
  static func print(_ line: String) {
    write(line + "\n")
  }

  /// Writes text as it is. A standard error that nobody can write to is no reason to fail.
  static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
