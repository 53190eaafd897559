// SPDX-License-Identifier: Apache-2.0

/// Numbers in a file of weights: where they begin, their type, and how far neighbours are apart.
struct StridedNumbers {
  /// The bytes of the whole storage.
  let storage: Range<Int>
  let type: StorageType
  /// The first element, in elements from the start of the storage.
  let offset: Int
  let shape: [Int]
  /// In elements, none negative.
  let strides: [Int]

  /// Why these numbers reach outside their storage or overflow, or `nil` if all is well.
  var fault: String? {
    guard offset >= 0, shape.count == strides.count else { return "a negative offset or no strides" }
    guard shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }) else {
      return "a negative size or stride"
    }
    if shape.contains(0) { return nil }
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (reach, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflowing) = last.addingReportingOverflow(reach)
      if overflow || overflowing { return "sizes that overflow" }
      last = sum
    }
    guard last < storage.count / type.byteCount else {
      return "a tensor that reaches beyond its \(storage.count) bytes"
    }
    return nil
  }

  /// The numbers in C order as floats.
  ///
  /// - Precondition: ``fault`` is `nil`, and `storage` lies inside `bytes`.
  func floats(in bytes: RawSpan, count: Int) -> [Float] {
    // SAFETY: exactly `count` elements are initialised, counted by `written`.
    unsafe [Float](unsafeUninitializedCapacity: count) { target, written in
      var index = [Int](repeating: 0, count: shape.count)
      var position = offset
      let inner = shape.last ?? 1
      let step = strides.last ?? 1
      while written < count {
        for item in 0..<inner {
          let at = storage.lowerBound + (position + item * step) * type.byteCount
          // SAFETY: `written` < count, the capacity; `number` reads inside the checked storage.
          unsafe target.initializeElement(at: written, to: number(at: at, in: bytes))
          written += 1
        }
        var axis = shape.count - 2
        while axis >= 0 {
          index[axis] += 1
          position += strides[axis]
          if index[axis] < shape[axis] { break }
          position -= shape[axis] * strides[axis]
          index[axis] = 0
          axis -= 1
        }
        if axis < 0 { break }
      }
    }
  }

  private func number(at byte: Int, in bytes: RawSpan) -> Float {
    // SAFETY: `fault` was nil, so that every element lies inside the storage; unaligned loads of
    // types for which every pattern of bits is a value, bounds checked by the span itself.
    switch type {
    case .float64: unsafe Float(bytes.unsafeLoadUnaligned(fromByteOffset: byte, as: Double.self))
    case .float32: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: byte, as: Float.self)
    case .float16: unsafe Float(bytes.unsafeLoadUnaligned(fromByteOffset: byte, as: Float16.self))
    case .bfloat16:
      unsafe Float(
        bitPattern: UInt32(bytes.unsafeLoadUnaligned(fromByteOffset: byte, as: UInt16.self)) << 16)
    case .int64: unsafe Float(bytes.unsafeLoadUnaligned(fromByteOffset: byte, as: Int64.self))
    case .int32: unsafe Float(bytes.unsafeLoadUnaligned(fromByteOffset: byte, as: Int32.self))
    case .int16: unsafe Float(bytes.unsafeLoadUnaligned(fromByteOffset: byte, as: Int16.self))
    case .int8: unsafe Float(bytes.unsafeLoadUnaligned(fromByteOffset: byte, as: Int8.self))
    case .uint8, .bool:
      unsafe Float(bytes.unsafeLoadUnaligned(fromByteOffset: byte, as: UInt8.self))
    }
  }
}
