// SPDX-License-Identifier: Apache-2.0

/// Blocks of a Zstandard frame that decode without those before them.
///
/// Texture with much noise, as of electron micrographs, has nothing to match: its blocks are literals coded
/// by Huffman codes of their own. Then the middle of a chunk decodes without its beginning.
struct ZstdBlocks {
  /// The blocks in the frame.
  let bytes: Range<Int>
  /// What they hold, in bytes of the frame's content.
  let content: Range<Int>

  /// The blocks that hold `needed` bytes of the content; `nil` if they depend on what is before them, or if
  /// the frame is other than a plain one of `contentSize` bytes without a checksum.
  ///
  /// RFC 8878, sections 3.1.1.1 to 3.1.1.3.
  init?(holding needed: Range<Int>, of frame: UnsafeRawBufferPointer, contentSize: Int) {
    guard var place = unsafe Self.headerLength(of: frame, contentSize: contentSize) else { return nil }
    var position = 0
    var first: (place: Int, position: Int)?
    var hasTable = false
    while place + 3 <= frame.count {
      let header = unsafe Self.number(frame, place, 3)
      let size = header >> 3
      guard let block = unsafe Block(kind: header >> 1 & 3, size: size, in: frame, at: place + 3) else {
        return nil
      }
      let end = position + block.contentSize
      if end > needed.lowerBound {
        if first == nil { first = (place, position) }
        if block.needsTable && !hasTable { return nil }
        hasTable = hasTable || block.hasTable
      }
      place += 3 + block.size
      position = end
      if let first, end >= needed.upperBound {
        guard end <= contentSize else { return nil }
        bytes = first.place..<place
        content = first.position..<end
        return
      }
      if header & 1 == 1 { return nil }
    }
    return nil
  }

  /// The bytes of a frame's header, if it says the content size and neither checksum nor dictionary.
  private static func headerLength(of frame: UnsafeRawBufferPointer, contentSize: Int) -> Int? {
    guard frame.count >= 18, unsafe number(frame, 0, 4) == 0xfd2f_b528 else { return nil }
    let descriptor = unsafe number(frame, 4, 1)
    let isSingleSegment = descriptor >> 5 & 1 == 1
    // Reserved bit, checksum, dictionary.
    guard descriptor & 0b1111 == 0 else { return nil }
    let sizeLength = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]
    let start = isSingleSegment ? 5 : 6
    var size = unsafe number(frame, start, sizeLength)
    if sizeLength == 2 { size += 256 }
    return sizeLength > 0 && size == contentSize ? start + sizeLength : nil
  }

  /// A little-endian number of at most eight bytes, which lie in the frame.
  fileprivate static func number(_ bytes: UnsafeRawBufferPointer, _ place: Int, _ length: Int) -> Int {
    var value = 0
    for index in (0..<length).reversed() { value = value << 8 | Int(unsafe bytes[place + index]) }
    return value
  }
}

/// What the header of a block tells.
private struct Block {
  /// Its bytes behind the three of its header.
  let size: Int
  let contentSize: Int
  /// Whether it brings Huffman codes.
  var hasTable = false
  /// Whether it uses those of a block before it.
  var needsTable = false

  /// - Returns: `nil` for a block that copies from those before it, or that leaves the frame.
  init?(kind: Int, size: Int, in frame: UnsafeRawBufferPointer, at place: Int) {
    switch kind {
    case 0: (self.size, contentSize) = (size, size)
    case 1: (self.size, contentSize) = (1, size)
    case 2:
      guard size >= 2, place + size <= frame.count,
        let literals = unsafe Literals(in: frame, at: place, available: size)
      else { return nil }
      // Behind the literals, a zero says that there are no sequences.
      guard literals.length == size - 1, unsafe frame[place + size - 1] == 0 else { return nil }
      (self.size, contentSize) = (size, literals.contentSize)
      hasTable = literals.kind == 2
      needsTable = literals.kind == 3
    default: return nil
    }
    guard self.size <= frame.count - place, contentSize <= 128 << 10 else { return nil }
  }
}

/// The header of the section of literals.
private struct Literals {
  /// 0 raw, 1 one byte many times, 2 with Huffman codes, 3 with those of an earlier block.
  let kind: Int
  /// With the header.
  let length: Int
  let contentSize: Int

  init?(in frame: UnsafeRawBufferPointer, at place: Int, available: Int) {
    let first = unsafe ZstdBlocks.number(frame, place, 1)
    kind = first & 3
    let format = first >> 2 & 3
    if kind < 2 {
      let headerLength = format & 1 == 0 ? 1 : format == 1 ? 2 : 3
      guard headerLength < available else { return nil }
      contentSize = unsafe ZstdBlocks.number(frame, place, headerLength) >> (headerLength == 1 ? 3 : 4)
      length = headerLength + (kind == 0 ? contentSize : 1)
    } else {
      let headerLength = [3, 3, 4, 5][format]
      let bits = [10, 10, 14, 18][format]
      guard headerLength < available else { return nil }
      let numbers = unsafe ZstdBlocks.number(frame, place, headerLength) >> 4
      contentSize = numbers & (1 << bits - 1)
      length = headerLength + numbers >> bits & (1 << bits - 1)
    }
    guard length < available else { return nil }
  }
}
