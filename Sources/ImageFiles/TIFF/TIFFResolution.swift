// SPDX-License-Identifier: Apache-2.0

/// The resolution tags of one directory as decimal pixel sizes.
///
/// libtiff gives them as 32-bit floats, which turns 4.6 nm into 4.6000002; hence the fractions are
/// read from the file itself.
struct TIFFResolution: Sendable {
  /// The width of a pixel in the file's unit, or `nil`.
  private(set) var x: String?
  /// The height of a pixel in the file's unit, or `nil`.
  private(set) var y: String?

  /// - Parameter directory: Where the directory begins.
  init(_ file: ByteFile, directory: Int) throws(ImageFileError) {
    let header = try file.read(8, at: 0)
    let isLittleEndian = header[0] == UInt8(ascii: "I")
    func number(_ bytes: some Collection<UInt8>) -> Int {
      var value: UInt64 = 0
      if isLittleEndian {
        for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
      } else {
        for byte in bytes { value = value << 8 | UInt64(byte) }
      }
      return Int(clamping: value)
    }
    let isBig = number(header[2..<4]) == 43
    let countBytes = isBig ? 8 : 2
    let entryBytes = isBig ? 20 : 12
    let count = number(try file.read(countBytes, at: directory))
    // libtiff has read the directory before, so that it holds no absurd number of entries.
    guard count < 65_536 else { return }
    let entries = try file.read(count * entryBytes, at: directory + countBytes)
    for start in stride(from: 0, to: entries.count, by: entryBytes) {
      let tag = number(entries[start..<start + 2])
      guard tag == 282 || tag == 283, number(entries[start + 2..<start + 4]) == 5 else { continue }
      let value: [UInt8]
      if isBig {
        value = Array(entries[start + 12..<start + 20])
      } else {
        value = try file.read(8, at: number(entries[start + 8..<start + 12]))
      }
      let size = Self.pixelSize(pixels: number(value[..<4]), units: number(value[4...]))
      if tag == 282 { x = size } else { y = size }
    }
  }

  /// The decimal that `pixels / units` pixels a unit stand for.
  ///
  /// ImageJ truncates the pixels to whole millionths: of the sizes that give the same fraction the
  /// one with the fewest digits is meant.
  static func pixelSize(pixels: Int, units: Int) -> String? {
    guard pixels > 0, units > 0 else { return nil }
    let exact = Double(units) / Double(pixels)
    guard units == 1_000_000 else { return "\(exact)" }
    let highest = Double(units) / (Double(pixels) - 0.5)
    let lowest = Double(units) / (Double(pixels) + 1)
    for digits in 1...17 {
      let text = rounded(exact, toDigits: digits)
      if let value = Double(text), value >= lowest, value <= highest { return text }
    }
    return "\(exact)"
  }

  /// The nearest decimal of so many significant digits.
  private static func rounded(_ value: Double, toDigits digits: Int) -> String {
    var exponent = 0
    var scaled = value
    while scaled >= 10 {
      scaled /= 10
      exponent += 1
    }
    while scaled < 1 {
      scaled *= 10
      exponent -= 1
    }
    for _ in 1..<digits { scaled *= 10 }
    return "\(Int(scaled.rounded()))e\(exponent - digits + 1)"
  }
}
