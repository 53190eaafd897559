// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles

/// A folder that is deleted with the value that owns it.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "vemdb-image-files-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { path + "/" + name }

  /// Writes a file.
  @discardableResult
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
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
