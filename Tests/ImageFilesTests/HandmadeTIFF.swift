// SPDX-License-Identifier: Apache-2.0

/// A little-endian TIFF put together byte by byte, so that its directory can say anything.
struct HandmadeTIFF {
  /// Short or long values by tag; the offset of the strip is filled in.
  var tags: [UInt16: UInt32]
  var description = ""
  /// Numerator and denominator of the resolution tags.
  var resolution: (x: (UInt32, UInt32), y: (UInt32, UInt32))?
  /// What the one strip holds.
  var strip: [UInt8]
  var nextDirectory: UInt32 = 0

  /// An uncompressed gray image of one byte a pixel, as its header says, and the bytes that are there.
  init(width: UInt32, height: UInt32, strip: [UInt8]) {
    tags = [
      256: width, 257: height, 258: 8, 259: 1, 262: 1, 277: 1, 278: height,
      279: UInt32(strip.count),
    ]
    self.strip = strip
  }

  var bytes: [UInt8] {
    var tags = tags
    var tail: [UInt8] = []
    let hasText = !description.isEmpty
    let count = tags.count + 1 + (hasText ? 1 : 0) + (resolution == nil ? 0 : 2)
    let tailStart = 8 + 2 + count * 12 + 4
    var special: [UInt16: (type: UInt16, count: UInt32, value: UInt32)] = [:]
    if hasText {
      let text = description.utf8 + [0, 0, 0, 0]
      special[270] = (2, UInt32(text.count), UInt32(tailStart + tail.count))
      tail += text
    }
    if let resolution {
      for (tag, part) in [(UInt16(282), resolution.x), (283, resolution.y)] {
        special[tag] = (5, 1, UInt32(tailStart + tail.count))
        tail += Self.word(part.0) + Self.word(part.1)
      }
    }
    tags[273] = UInt32(tailStart + tail.count)
    for (tag, value) in tags where special[tag] == nil { special[tag] = (4, 1, value) }
    var result: [UInt8] = [0x49, 0x49, 42, 0] + Self.word(8) + Self.half(UInt16(count))
    for tag in special.keys.sorted() {
      guard let entry = special[tag] else { continue }
      result += Self.half(tag) + Self.half(entry.type) + Self.word(entry.count) + Self.word(entry.value)
    }
    return result + Self.word(nextDirectory) + tail + strip
  }

  private static func half(_ value: UInt16) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }

  private static func word(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
