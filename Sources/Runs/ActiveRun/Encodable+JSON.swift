// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Encodable {
  /// The value as JSON in one line, keys in alphabetical order.
  func jsonObject() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
