// SPDX-License-Identifier: Apache-2.0

import Arrays

extension SampleFormat {
  /// Whether stored samples are those of the data type, byte for byte.
  var isUnpacked: Bool { dataType.map { $0.byteCount * 8 == bits } ?? false }

  /// Rows of packed samples, the highest bit first and each row ending at a whole byte, as an array
  /// [rows, columns] of the format's data type.
  ///
  /// Samples of 24 bits count as packed too, the highest byte first in files of either byte order,
  /// as other writers and readers have it.
  ///
  /// - Parameter isByteSwapped: Whether libtiff has turned 24-bit samples round.
  /// - Precondition: `bytes` holds as many rows; the format has a data type.
  func unpacked(_ bytes: [UInt8], rows: Int, columns: Int, isByteSwapped: Bool) -> NDArray {
    guard let dataType else { preconditionFailure("a format without a data type is refused") }
    var array = NDArray(dataType, [rows, columns])
    if isUnpacked {
      // SAFETY: both hold rows × columns samples of one size.
      unsafe array.withMutableBytes { target in unsafe target.copyBytes(from: bytes) }
      return array
    }
    if bits == 24 && isByteSwapped {
      array.withMutableSpan(of: UInt32.self) { target in
        for index in 0..<rows * columns {
          target[index] =
            UInt32(bytes[3 * index]) | UInt32(bytes[3 * index + 1]) << 8
            | UInt32(bytes[3 * index + 2]) << 16
        }
      }
      return array
    }
    func unpack<Element: ArrayElement & FixedWidthInteger>(_: Element.Type) {
      array.withMutableSpan(of: Element.self) { target in
        let mask = UInt64(1) << UInt64(bits) - 1
        let rowBytes = (columns * bits + 7) / 8
        for row in 0..<rows {
          var next = row * rowBytes
          var held: UInt64 = 0
          var heldBits = 0
          for column in 0..<columns {
            while heldBits < bits {
              held = held << 8 | UInt64(bytes[next])
              next += 1
              heldBits += 8
            }
            heldBits -= bits
            target[row * columns + column] = Element(truncatingIfNeeded: held >> UInt64(heldBits) & mask)
          }
        }
      }
    }
    switch dataType {
    case .uint8: unpack(UInt8.self)
    case .uint16: unpack(UInt16.self)
    default: unpack(UInt32.self)
    }
    return array
  }
}
