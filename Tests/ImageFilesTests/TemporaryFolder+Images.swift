// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles
import TestData

extension TemporaryFolder {
  /// Where it is.
  var path: String { url.path }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { self(name).path }

  /// Writes a file.
  @discardableResult
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try Data(bytes).write(to: self(name))
    return path(name)
  }

  /// Writes a gray PNG whose every pixel is `value`.
  @discardableResult
  func writePNG(_ name: String, value: UInt8 = 0, size: Extent = [2, 3]) throws -> String {
    let pixels = [UInt8](repeating: value, count: size.count)
    try PNGWriter.write(NDArray(pixels, size), to: path(name))
    return path(name)
  }
}

/// What an operation throws, as the sentence that a person reads.
func sentence(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
