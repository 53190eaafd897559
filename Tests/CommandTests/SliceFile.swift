// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A TIFF of one 8-bit gray slice, uncompressed, written by hand (TIFF 6.0, sections 2 and 4).
enum SliceFile {
  /// The bytes of a slice whose voxels are `value(y, x)`.
  static func tiff(width: Int, height: Int, value: (Int, Int) -> UInt8) -> Data {
    let pixels = (0..<height).flatMap { y in (0..<width).map { x in value(y, x) } }
    var file = Data("II".utf8) + little(UInt16(42)) + little(UInt32(8))
    let entries: [(tag: UInt16, type: UInt16, value: Int)] = [
      (256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1),
      (273, 4, 8 + 2 + 9 * 12 + 4), (277, 3, 1), (278, 4, height), (279, 4, pixels.count),
    ]
    file += little(UInt16(entries.count))
    for entry in entries {
      file += little(entry.tag) + little(entry.type) + little(UInt32(1)) + little(UInt32(entry.value))
    }
    return file + little(UInt32(0)) + Data(pixels)
  }

  private static func little(_ value: some FixedWidthInteger) -> Data {
    Data((0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
  }
}
