// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A NumPy array file (format 1.0 or 2.0, C order, little-endian), read for its expected values.
public struct NPYFile {
  /// The shape of the array.
  public let shape: [Int]
  /// NumPy's name of the type, as in `<f4`.
  public let type: String
  private let bytes: [UInt8]

  /// Reads a whole file.
  public init(path: String) throws {
    let data = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    guard data.starts(with: [0x93] + Array("NUMPY".utf8)), data.count > 12 else {
      throw CocoaError(.fileReadCorruptFile)
    }
    let wide = data[6] >= 2
    let start = wide ? 12 : 10
    let length = (8..<start).reversed().reduce(0) { $0 << 8 | Int(data[$1]) }
    let header = String(decoding: data[start..<(start + length)], as: UTF8.self)
    func value(of key: String) -> Substring {
      header[(header.range(of: "'\(key)':")?.upperBound ?? header.endIndex)...]
    }
    guard value(of: "fortran_order").drop(while: { $0 == " " }).hasPrefix("False") else {
      throw CocoaError(.fileReadCorruptFile)
    }
    type = String(value(of: "descr").drop { $0 != "'" }.dropFirst().prefix { $0 != "'" })
    shape = value(of: "shape").drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
      .split(separator: ",").compactMap { Int($0.filter { $0.isNumber }) }
    bytes = Array(data[(start + length)...])
  }

  /// The elements of a `<f4` file.
  public var floats: [Float] {
    precondition(type == "<f4", "a file of 32-bit floats, not \(type)")
    return stride(from: 0, to: bytes.count, by: 4).map { at in
      Float(bitPattern: (0..<4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[at + $1]) })
    }
  }

  /// The elements of a `|u1` file.
  public var octets: [UInt8] {
    precondition(type == "|u1", "a file of bytes, not \(type)")
    return bytes
  }
}
