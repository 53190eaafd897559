// SPDX-License-Identifier: Apache-2.0

import Arrays
import CChecksum

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Simple facts and changes of runs of bytes.
enum ElementBytes {
  /// Reverses the bytes of every element.
  static func swap(_ bytes: UnsafeMutableRawBufferPointer, elementBytes: Int) {
    switch elementBytes {
    case 2: unsafe swap(bytes, UInt16.self)
    case 4: unsafe swap(bytes, UInt32.self)
    case 8: unsafe swap(bytes, UInt64.self)
    default: break
    }
  }

  private static func swap<Element: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeMutableRawBufferPointer, _ type: Element.Type
  ) {
    for offset in stride(from: 0, to: bytes.count, by: MemoryLayout<Element>.size) {
      // SAFETY: the run holds whole elements.
      let value = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type)
      unsafe bytes.storeBytes(of: value.byteSwapped, toByteOffset: offset, as: type)
    }
  }

  /// Whether every element has the bits of `value`.
  static func areAll(_ value: FillValue, _ bytes: UnsafeRawBufferPointer, _ type: DataType) -> Bool {
    let size = type.byteCount
    guard let base = bytes.baseAddress, bytes.count >= size else { return true }
    let first = value.bytes(type)
    for index in 0..<size where unsafe bytes[index] != first[index] { return false }
    // SAFETY: both runs lie inside `bytes`: each element is compared with the one before it.
    return unsafe memcmp(base, base + size, bytes.count - size) == 0
  }

  /// The sum that a stage appends.
  static func checksum(_ bytes: UnsafeRawBufferPointer, _ stage: ChunkCodec.Stage) -> UInt32 {
    if case .fletcher32 = stage { unsafe fletcher32(bytes) } else { unsafe crc32c(bytes) }
  }

  /// The checksum of HDF5's filter of this name: sums modulo 65535 of 16-bit words, high byte first, the
  /// last of an odd number of bytes being a high one.
  static func fletcher32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    func folded(_ sum: UInt64) -> UInt64 {
      var sum = sum
      while sum > 0xffff { sum = (sum & 0xffff) + sum >> 16 }
      return sum
    }
    var (sum, sumOfSums): (UInt64, UInt64) = (0, 0)
    for start in stride(from: 0, to: bytes.count, by: 1024) {
      for place in stride(from: start, to: min(start + 1024, bytes.count), by: 2) {
        let low = place + 1 < bytes.count ? unsafe UInt64(bytes[place + 1]) : 0
        unsafe sum += UInt64(bytes[place]) << 8 + low
        sumOfSums += sum
      }
      (sum, sumOfSums) = (folded(sum), folded(sumOfSums))
    }
    return UInt32(sumOfSums << 16 + sum)
  }

  static func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    // SAFETY: the pointer has as many bytes.
    unsafe crc32c_extend(0, bytes.baseAddress, bytes.count)
  }
}
