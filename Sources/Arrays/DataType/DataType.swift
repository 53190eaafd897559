// SPDX-License-Identifier: Apache-2.0

/// The type of one voxel, by its name in the Zarr v3 core specification.
public enum DataType: String, CaseIterable, Codable, Hashable, Sendable {
  case bool
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  case float16, float32, float64

  /// Bytes of one voxel.
  public var byteCount: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// Whether the values are whole numbers; `bool` is not counted among them.
  public var isInteger: Bool {
    switch self {
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: true
    case .bool, .float16, .float32, .float64: false
    }
  }

  /// Whether the type is one of IEEE 754's.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .float32, .float64: true
    default: false
    }
  }

  /// Whether negative values can be held.
  public var isSigned: Bool {
    switch self {
    case .int8, .int16, .int32, .int64, .float16, .float32, .float64: true
    case .bool, .uint8, .uint16, .uint32, .uint64: false
    }
  }

  /// The Swift type that holds one voxel in memory: the one of its name, `Float16` for `float16` too, whose
  /// values are not widened; `UInt8`, 0 or 1, for `bool`.
  ///
  /// Passing it to a function that is generic over ``ArrayElement`` opens it:
  /// `func minimum<Element: ArrayElement>(_: Element.Type, of: NDArray)` is called as
  /// `minimum(array.dataType.elementType, of: array)`.
  public var elementType: any ArrayElement.Type {
    switch self {
    case .bool, .uint8: UInt8.self
    case .int8: Int8.self
    case .int16: Int16.self
    case .int32: Int32.self
    case .int64: Int64.self
    case .uint16: UInt16.self
    case .uint32: UInt32.self
    case .uint64: UInt64.self
    case .float16: Float16.self
    case .float32: Float.self
    case .float64: Double.self
    }
  }
}

extension DataType: CustomStringConvertible {
  public var description: String { rawValue }
}
