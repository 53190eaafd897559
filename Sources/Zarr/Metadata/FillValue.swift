// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// What elements that were never written read as.
public struct FillValue: Hashable, Sendable {
  /// The bits of the value in the low bytes, zeros above; NaN keeps its payload.
  public let bits: UInt64

  /// All bits zero: 0 in every type, or `false`.
  public static let zero = FillValue(bits: 0)

  /// A value by its bits in the type of the array.
  public init(bits: UInt64) { self.bits = bits }

  /// A value of an element type.
  public init<Element: ArrayElement>(_ value: Element) {
    var bits: UInt64 = 0
    switch value {
    case let value as Float16: bits = UInt64(value.bitPattern)
    case let value as Float: bits = UInt64(value.bitPattern)
    case let value as Double: bits = value.bitPattern
    default: bits = value.labelValue ?? 0
    }
    self.bits = bits & Self.mask(Element.dataType)
  }

  static func mask(_ type: DataType) -> UInt64 { ~0 >> UInt64(64 - 8 * type.byteCount) }

  /// The bytes of one element, least significant first.
  func bytes(_ type: DataType) -> [UInt8] {
    (0..<type.byteCount).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
  }
}

extension FillValue {
  /// Reads `fill_value` in any spelling that the core specification (section "Fill value") has:
  /// whole numbers, numbers, `"NaN"`, `"Infinity"`, `"-Infinity"`, `"0x…"`, and truth values.
  ///
  /// Returns `nil` if the value does not belong to the type.
  init?(json: JSONValue, type: DataType) {
    switch type {
    case .bool:
      guard let value = json.bool else { return nil }
      bits = value ? 1 : 0
    case .uint8, .uint16, .uint32, .uint64:
      guard let value = json.uint64, value & ~Self.mask(type) == 0 else { return nil }
      bits = value
    case .int8, .int16, .int32, .int64:
      guard let value = json.int else { return nil }
      let shift = 64 - 8 * type.byteCount
      guard (value << shift) >> shift == value else { return nil }
      bits = UInt64(bitPattern: Int64(value)) & Self.mask(type)
    case .float16, .float32, .float64:
      if let text = json.string {
        guard let value = Self.bits(named: text, type) else { return nil }
        bits = value
      } else if let value = json.double {
        bits = Self.bits(of: value, type)
      } else {
        return nil
      }
    }
  }

  /// The value as JSON, by the shortest spelling that keeps every bit.
  func json(_ type: DataType) -> JSONValue {
    switch type {
    case .bool: return .bool(bits != 0)
    case .uint8, .uint16, .uint32, .uint64: return JSONValue(bits)
    case .int8, .int16, .int32, .int64:
      let shift = UInt64(64 - 8 * type.byteCount)
      return JSONValue(Int64(bitPattern: bits << shift) >> Int64(shift))
    case .float16, .float32, .float64:
      let value = Self.double(of: bits, type)
      if value.isFinite { return JSONValue(shortest: Self.shortest(bits, type)) }
      let name = JSONValue.name(ofNonfinite: value)
      if Self.bits(named: name, type) == bits { return .string(name) }
      let digits = String(bits, radix: 16)
      return .string("0x" + String(repeating: "0", count: 2 * type.byteCount - digits.count) + digits)
    }
  }

  private static func bits(named text: String, _ type: DataType) -> UInt64? {
    switch text {
    // The specification's bits: sign 0, only the highest bit of the fraction set.
    case "NaN":
      switch type {
      case .float16: return 0x7e00
      case .float32: return 0x7fc0_0000
      default: return 0x7ff8_0000_0000_0000
      }
    case "Infinity": return bits(of: .infinity, type)
    case "-Infinity": return bits(of: -.infinity, type)
    default:
      guard text.hasPrefix("0x"), text.utf8.count == 2 + 2 * type.byteCount,
        text.unicodeScalars.dropFirst(2).allSatisfy(\.properties.isASCIIHexDigit)
      else { return nil }
      return UInt64(text.dropFirst(2), radix: 16)
    }
  }

  private static func bits(of value: Double, _ type: DataType) -> UInt64 {
    switch type {
    case .float16: UInt64(Float16(value).bitPattern)
    case .float32: UInt64(Float(value).bitPattern)
    default: value.bitPattern
    }
  }

  private static func double(of bits: UInt64, _ type: DataType) -> Double {
    switch type {
    case .float16: Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
    case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    default: Double(bitPattern: bits)
    }
  }

  /// The double that prints with the fewest digits that still name this value in its own type:
  /// 0.1 for the 32-bit number nearest 0.1.
  private static func shortest(_ bits: UInt64, _ type: DataType) -> Double {
    let text =
      switch type {
      case .float16: Float16(bitPattern: UInt16(truncatingIfNeeded: bits)).description
      case .float32: Float(bitPattern: UInt32(truncatingIfNeeded: bits)).description
      default: Double(bitPattern: bits).description
      }
    return Double(text) ?? double(of: bits, type)
  }
}
