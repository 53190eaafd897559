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

  static func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    // SAFETY: the pointer has as many bytes.
    unsafe crc32c_extend(0, bytes.baseAddress, bytes.count)
  }
}
