// SPDX-License-Identifier: Apache-2.0

/// Whole numbers as bytes, small ones short: seven bits a byte, the sign in the lowest bit.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ number: Int) {
    var rest = UInt(bitPattern: (number << 1) ^ (number >> (Int.bitWidth - 1)))
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// Reads what a ``ByteWriter`` wrote.
struct ByteReader {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { place == bytes.count }

  /// The next number; `nil` at the end or where the bytes are no number.
  mutating func next() -> Int? {
    var value: UInt = 0
    var shift: UInt = 0
    while place < bytes.count && shift < 64 {
      let byte = bytes[place]
      place += 1
      value |= UInt(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return Int(bitPattern: value >> 1) ^ -Int(value & 1) }
      shift += 7
    }
    return nil
  }

  /// The number of things that follow, each of at least one byte.
  mutating func count() -> Int? {
    guard let count = next(), count >= 0, count <= bytes.count - place else { return nil }
    return count
  }
}
