// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
  /// The value as a JSON document.
  ///
  /// Doubles are written with the fewest digits that read back to the same bits. NaN and the
  /// infinities, which JSON does not have, become the strings by which Zarr names them.
  ///
  /// - Parameter indented: Two spaces a level, lists of plain values on one line; otherwise no white
  ///   space at all.
  public func text(indented: Bool = true) -> String {
    var text = ""
    write(to: &text, level: indented ? 0 : nil)
    if indented { text += "\n" }
    return text
  }

  private func write(to text: inout String, level: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .unsigned(let value): text += String(value)
    case .number(let value):
      text += value.isFinite ? value.description : "\"\(Self.name(ofNonfinite: value))\""
    case .string(let value): Self.write(value, to: &text)
    case .array(let elements):
      let plain = elements.allSatisfy { $0.array == nil && $0.object == nil }
      let inner = plain ? nil : level.map { $0 + 1 }
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += plain && level != nil ? ", " : "," }
        Self.breakLine(&text, inner)
        element.write(to: &text, level: inner)
      }
      if !plain { Self.breakLine(&text, level) }
      text += "]"
    case .object(let members):
      let inner = level.map { $0 + 1 }
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        Self.breakLine(&text, inner)
        Self.write(member.key, to: &text)
        text += level == nil ? ":" : ": "
        member.value.write(to: &text, level: inner)
      }
      if !members.isEmpty { Self.breakLine(&text, level) }
      text += "}"
    }
  }

  /// `NaN`, `Infinity` or `-Infinity`.
  static func name(ofNonfinite value: Double) -> String {
    value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
  }

  private static func breakLine(_ text: inout String, _ level: Int?) {
    guard let level else { return }
    text += "\n" + String(repeating: "  ", count: level)
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue: CustomStringConvertible {
  public var description: String { text(indented: false) }
}
