// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The central directory of a zip file: what PyTorch's checkpoints need of the format.
///
/// Sizes come from the directory at the end, because local headers leave them to data descriptors;
/// zip64 fields are read where the 32-bit ones are full. See PKWARE's APPNOTE 6.3, 4.3 and 4.5.
struct ZipDirectory {
  /// One entry; its bytes can be taken only if it is stored, not compressed.
  struct Entry {
    /// 0: stored, 8: deflated.
    let method: Int
    let byteCount: Int
    /// Where the local header begins.
    let headerOffset: Int
  }

  /// By full name, as in `archive/data.pkl`.
  let entries: [String: Entry]

  /// More entries than any model has tensors.
  static let mostEntries = 1_000_000

  init(_ data: Data, path: String) throws(CheckpointError) {
    func malformed(_ reason: String) -> CheckpointError { .malformed(path: path, reason: reason) }
    guard let end = Self.endRecord(data) else { throw malformed("its zip directory is missing") }
    var (count, start) = (data.littleEndian(end + 10, 2), data.littleEndian(end + 16, 4))
    if count == 0xFFFF || start == 0xFFFF_FFFF {
      guard end >= 20, data.littleEndian(end - 20, 4) == 0x0706_4B50 else {
        throw malformed("its zip64 directory is missing")
      }
      let record = data.littleEndian(end - 20 + 8, 8)
      guard record >= 0, record <= data.count - 56, data.littleEndian(record, 4) == 0x0606_4B50
      else { throw malformed("its zip64 directory is missing") }
      (count, start) = (data.littleEndian(record + 32, 8), data.littleEndian(record + 48, 8))
    }
    guard count >= 0, count <= Self.mostEntries else { throw malformed("it lists \(count) files") }
    var entries: [String: Entry] = [:]
    var at = start
    for _ in 0..<count {
      guard at >= 0, at <= data.count - 46, data.littleEndian(at, 4) == 0x0201_4B50 else {
        throw malformed("its zip directory is damaged")
      }
      let nameLength = data.littleEndian(at + 28, 2)
      let extraLength = data.littleEndian(at + 30, 2)
      let next = at + 46 + nameLength + extraLength + data.littleEndian(at + 32, 2)
      guard next <= data.count else { throw malformed("its zip directory is damaged") }
      let name = String(decoding: data[at + 46..<at + 46 + nameLength], as: UTF8.self)
      var wide = Self.wideFields(
        data, from: at + 46 + nameLength, to: at + 46 + nameLength + extraLength)
      // The extra field holds only those of the three that are full, in this order.
      let size = data.littleEndian(at + 24, 4)
      let byteCount = size == 0xFFFF_FFFF ? wide.popLast() : size
      let packed = data.littleEndian(at + 20, 4)
      if packed == 0xFFFF_FFFF { _ = wide.popLast() }
      let place = data.littleEndian(at + 42, 4)
      let headerOffset = place == 0xFFFF_FFFF ? wide.popLast() : place
      guard let byteCount, let headerOffset, byteCount >= 0, headerOffset >= 0 else {
        throw malformed("the zip64 sizes of '\(name)' are missing")
      }
      entries[name] = Entry(
        method: data.littleEndian(at + 10, 2), byteCount: byteCount, headerOffset: headerOffset)
      at = next
    }
    self.entries = entries
  }

  /// Where in the file the bytes of a stored entry lie.
  func range(of name: String, in data: Data, path: String) throws(CheckpointError) -> Range<Int> {
    guard let entry = entries[name] else {
      throw .malformed(path: path, reason: "'\(name)' is missing inside it")
    }
    guard entry.method == 0 else {
      throw .unsupported(path: path, what: "'\(name)' compressed")
    }
    let header = entry.headerOffset
    guard header <= data.count - 30, data.littleEndian(header, 4) == 0x0403_4B50 else {
      throw .malformed(path: path, reason: "the header of '\(name)' is missing")
    }
    let start = header + 30 + data.littleEndian(header + 26, 2) + data.littleEndian(header + 28, 2)
    guard start <= data.count, entry.byteCount <= data.count - start else {
      throw .malformed(path: path, reason: "'\(name)' is cut short")
    }
    return start..<start + entry.byteCount
  }

  /// The end-of-directory record: 22 bytes, then a comment of at most 65,535.
  private static func endRecord(_ data: Data) -> Int? {
    var at = data.count - 22
    let lowest = max(0, at - 65_535)
    while at >= lowest {
      if data[at] == 0x50, data.littleEndian(at, 4) == 0x0605_4B50 { return at }
      at -= 1
    }
    return nil
  }

  /// The 64-bit numbers of the extra field of kind 1, the first one last.
  private static func wideFields(_ data: Data, from start: Int, to end: Int) -> [Int] {
    var at = start
    while at + 4 <= end {
      let size = data.littleEndian(at + 2, 2)
      if data.littleEndian(at, 2) == 1, at + 4 + size <= end {
        return stride(from: 0, to: size - size % 8, by: 8)
          .map { data.littleEndian(at + 4 + $0, 8) }.reversed()
      }
      at += 4 + size
    }
    return []
  }
}

extension Data {
  /// An unsigned number of `size` bytes at `offset`; -1 if it lies outside or fits no `Int`.
  func littleEndian(_ offset: Int, _ size: Int) -> Int {
    guard offset >= 0, offset <= count - size else { return -1 }
    var value: UInt64 = 0
    for index in (0..<size).reversed() { value = value << 8 | UInt64(self[startIndex + offset + index]) }
    return Int(exactly: value) ?? -1
  }
}
