// SPDX-License-Identifier: Apache-2.0

import Arrays

// Loops over voxels are written once and called by a type that is known where they are compiled:
// opened existentials would reach every voxel through a table of functions.
extension NDArray {
  /// 1 where a voxel is not 0, as `uint8`.
  func mappedNonzero() -> NDArray {
    var result = NDArray(.uint8, extent)
    func map<Element: ArrayElement>(_: Element.Type) {
      withSpan(of: Element.self) { source in
        result.withMutableSpan(of: UInt8.self) { target in
          for index in source.indices { target[index] = source[index] == 0 ? 0 : 1 }
        }
      }
    }
    switch dataType {
    case .bool, .uint8: map(UInt8.self)
    case .int8: map(Int8.self)
    case .uint16: map(UInt16.self)
    case .int16: map(Int16.self)
    case .uint32: map(UInt32.self)
    case .int32: map(Int32.self)
    case .uint64: map(UInt64.self)
    case .int64: map(Int64.self)
    case .float16: map(Float16.self)
    case .float32: map(Float.self)
    case .float64: map(Double.self)
    }
    return result
  }

  /// How often each value occurs, as the bits of a 64-bit label.
  ///
  /// - Precondition: An integer type.
  func valueCounts() -> [UInt64: Int] {
    switch dataType {
    case .bool, .uint8: tableCounts(UInt8.self)
    case .int8: tableCounts(Int8.self)
    case .uint16: tableCounts(UInt16.self)
    case .int16: tableCounts(Int16.self)
    case .uint32: runCounts(UInt32.self)
    case .int32: runCounts(Int32.self)
    case .uint64: runCounts(UInt64.self)
    case .int64: runCounts(Int64.self)
    case .float16, .float32, .float64: preconditionFailure("labels are whole numbers")
    }
  }

  /// The values of a floating-point array in an unsigned type, or `nil` if one does not fit.
  func wholeNumbers(as target: DataType) -> NDArray? {
    func convert<Source: ArrayElement & BinaryFloatingPoint, Target: ArrayElement & FixedWidthInteger>(
      _: Source.Type, _: Target.Type
    ) -> NDArray? {
      var result = NDArray(target, extent)
      let isWhole = withSpan(of: Source.self) { source in
        result.withMutableSpan(of: Target.self) { span in
          for index in source.indices {
            guard let whole = Target(exactly: source[index]) else { return false }
            span[index] = whole
          }
          return true
        }
      }
      return isWhole ? result : nil
    }
    switch (dataType, target) {
    case (.float16, .uint32): return convert(Float16.self, UInt32.self)
    case (.float32, .uint32): return convert(Float.self, UInt32.self)
    case (.float64, .uint64): return convert(Double.self, UInt64.self)
    default: return nil
    }
  }

  /// The first value that is no whole number from 0 which fits.
  func firstUnfit(for target: DataType) -> Double? {
    let limit = target == .uint32 ? 4_294_967_296.0 : 18_446_744_073_709_551_616.0
    func find<Element: ArrayElement>(_: Element.Type) -> Double? {
      withSpan(of: Element.self) { span in
        for index in span.indices {
          let value = span[index].doubleValue
          if !(value >= 0 && value < limit && value == value.rounded()) { return value }
        }
        return nil
      }
    }
    return find(dataType.elementType)
  }

  /// 16-bit floats as 32-bit ones.
  func halfToSingle() -> NDArray {
    var result = NDArray(.float32, extent)
    withSpan(of: Float16.self) { source in
      result.withMutableSpan(of: Float.self) { target in
        for index in source.indices { target[index] = Float(source[index]) }
      }
    }
    return result
  }

  private func tableCounts<Element: ArrayElement & FixedWidthInteger>(
    _: Element.Type
  ) -> [UInt64: Int] {
    let lowest = Int(Element.min)
    var table = [Int](repeating: 0, count: Int(Element.max) - lowest + 1)
    withSpan(of: Element.self) { span in
      for index in span.indices { table[Int(span[index]) - lowest] += 1 }
    }
    var counts: [UInt64: Int] = [:]
    for place in table.indices where table[place] > 0 {
      counts[UInt64(bitPattern: Int64(place + lowest))] = table[place]
    }
    return counts
  }

  private func runCounts<Element: ArrayElement & FixedWidthInteger>(_: Element.Type) -> [UInt64: Int] {
    var counts: [UInt64: Int] = [:]
    withSpan(of: Element.self) { span in
      var index = 0
      while index < span.count {
        let value = span[index]
        let start = index
        repeat { index += 1 } while index < span.count && span[index] == value
        counts[UInt64(truncatingIfNeeded: value), default: 0] += index - start
      }
    }
    return counts
  }
}
