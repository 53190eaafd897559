// SPDX-License-Identifier: Apache-2.0

/// A JSON value whose whole numbers of 64 bits are exact and whose objects keep their order.
///
/// Every whole number between `Int.min` and `Int.max` is ``integer(_:)``, one above it up to
/// `UInt64.max` is ``unsigned(_:)``, and any other number is ``number(_:)``; use ``init(_:)`` to have
/// the right one chosen.
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  /// Above `Int.max` only.
  case unsigned(UInt64)
  /// A number with a fraction or an exponent; finite wherever it was parsed.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// A whole number, exactly.
  public init(_ value: some FixedWidthInteger) {
    if let value = Int(exactly: value) {
      self = .integer(value)
    } else if let value = UInt64(exactly: value) {
      self = .unsigned(value)
    } else {
      self = .number(Double(value))
    }
  }

  /// A list of whole numbers.
  public init(_ values: [Int]) { self = .array(values.map { .integer($0) }) }

  /// A list of numbers, whole ones written without a fraction.
  public init(_ values: [Double]) { self = .array(values.map { JSONValue(shortest: $0) }) }

  /// A number; written without a fraction where it has none.
  public init(shortest value: Double) {
    if let whole = Int(exactly: value), value.magnitude < 0x1p53, !(value == 0 && value.sign == .minus) {
      self = .integer(whole)
    } else {
      self = .number(value)
    }
  }
}

extension JSONValue {
  /// The members, or `nil` if this is no object.
  public var object: JSONObject? { if case .object(let members) = self { members } else { nil } }

  /// The elements, or `nil` if this is no array.
  public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

  /// The text, or `nil` if this is no string.
  public var string: String? { if case .string(let text) = self { text } else { nil } }

  /// The truth value, or `nil` if this is none.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// A whole number that fits an `Int`, or `nil`; `2.0` counts as whole.
  public var int: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// A whole number that fits a `UInt64`, or `nil`.
  public var uint64: UInt64? {
    switch self {
    case .integer(let value): UInt64(exactly: value)
    case .unsigned(let value): value
    case .number(let value): UInt64(exactly: value)
    default: nil
    }
  }

  /// Any number, rounded where it is a whole one above 2⁵³; `nil` if this is none.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// A member of an object; `nil` if it is absent or this is no object.
  public subscript(key: String) -> JSONValue? { object?[key] }

  /// The whole numbers of a list, or `nil` if this is anything else.
  var ints: [Int]? {
    guard let array else { return nil }
    let numbers = array.compactMap(\.int)
    return numbers.count == array.count ? numbers : nil
  }

  /// The numbers of a list, or `nil` if this is anything else.
  var doubles: [Double]? {
    guard let array else { return nil }
    let numbers = array.compactMap(\.double)
    return numbers.count == array.count ? numbers : nil
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var members = JSONObject()
    for (key, value) in elements { members[key] = value }
    self = .object(members)
  }
}
