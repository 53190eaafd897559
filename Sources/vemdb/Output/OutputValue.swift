// SPDX-License-Identifier: Apache-2.0

/// A value as programs read it: JSON with its keys in the order they were given.
indirect enum OutputValue: Hashable, Sendable {
  case null
  case boolean(Bool)
  /// Printed in full. Ids and counts that can pass 2⁵³ go as strings instead.
  case integer(Int)
  /// "NaN", "Infinity" and "-Infinity" are printed as strings.
  case number(Double)
  case string(String)
  case list([OutputValue])
  case object(OutputRecord)

  /// An unsigned 64-bit id or a count of voxels, as the string that JavaScript can keep.
  static func exact(_ value: some BinaryInteger) -> OutputValue { .string(String(value)) }
  /// A string, or null.
  static func optional(_ value: String?) -> OutputValue { value.map { .string($0) } ?? .null }
  /// A number, or null.
  static func optional(_ value: Double?) -> OutputValue { value.map { .number($0) } ?? .null }
  /// An integer, or null.
  static func optional(_ value: Int?) -> OutputValue { value.map { .integer($0) } ?? .null }

  /// The value as a person reads it in a table.
  var text: String {
    switch self {
    case .null: "-"
    case .boolean(let value): value ? "yes" : "no"
    case .integer(let value): String(value)
    case .number(let value): Self.shortest(value)
    case .string(let value): value
    case .list(let values): values.map(\.text).joined(separator: ", ")
    case .object(let record): record.fields.map { "\($0.key)=\($0.text)" }.joined(separator: " ")
    }
  }

  /// Whether a column of such values is flush right.
  var isNumeric: Bool {
    switch self {
    case .integer, .number: true
    default: false
    }
  }

  static func shortest(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return String(value)
  }
}

extension OutputValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int) { self = .integer(value) }
  init(floatLiteral value: Double) { self = .number(value) }
  init(booleanLiteral value: Bool) { self = .boolean(value) }
  init(nilLiteral: ()) { self = .null }
  init(arrayLiteral elements: OutputValue...) { self = .list(elements) }
}
