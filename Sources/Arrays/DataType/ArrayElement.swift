// SPDX-License-Identifier: Apache-2.0

/// A Swift number that a voxel can be.
public protocol ArrayElement: BitwiseCopyable, Comparable, Hashable, Numeric, Sendable {
  /// The voxel type that this Swift type holds.
  static var dataType: DataType { get }

  /// The value as a `Double`; exact for all but 64-bit integers above 2⁵³.
  var doubleValue: Double { get }

  /// The value as the bits of an unsigned 64-bit label: sign-extended for signed integers,
  /// `nil` for floating-point values that are not whole or do not fit.
  var labelValue: UInt64? { get }

  /// The nearest value of this type: integers round half to even and saturate, NaN becomes 0.
  init(nearest value: Double)
}

extension ArrayElement where Self: FixedWidthInteger {
  @inlinable public var doubleValue: Double { Double(self) }

  @inlinable public var labelValue: UInt64? { UInt64(truncatingIfNeeded: self) }

  @inlinable public init(nearest value: Double) {
    let rounded = value.rounded(.toNearestOrEven)
    if rounded.isNaN {
      self = 0
    } else if rounded <= Double(Self.min) {
      self = Self.min
    } else if rounded >= Double(Self.max) {
      self = Self.max
    } else {
      self = Self(rounded)
    }
  }
}

extension ArrayElement where Self: BinaryFloatingPoint {
  @inlinable public var doubleValue: Double { Double(self) }

  @inlinable public var labelValue: UInt64? { UInt64(exactly: self) }

  @inlinable public init(nearest value: Double) { self = Self(value) }
}

extension UInt8: ArrayElement { public static var dataType: DataType { .uint8 } }
extension UInt16: ArrayElement { public static var dataType: DataType { .uint16 } }
extension UInt32: ArrayElement { public static var dataType: DataType { .uint32 } }
extension UInt64: ArrayElement { public static var dataType: DataType { .uint64 } }
extension Int8: ArrayElement { public static var dataType: DataType { .int8 } }
extension Int16: ArrayElement { public static var dataType: DataType { .int16 } }
extension Int32: ArrayElement { public static var dataType: DataType { .int32 } }
extension Int64: ArrayElement { public static var dataType: DataType { .int64 } }
extension Float16: ArrayElement { public static var dataType: DataType { .float16 } }
extension Float: ArrayElement { public static var dataType: DataType { .float32 } }
extension Double: ArrayElement { public static var dataType: DataType { .float64 } }
