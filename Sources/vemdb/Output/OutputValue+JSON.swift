// SPDX-License-Identifier: Apache-2.0

extension OutputValue {
  /// The value as JSON, indented by two spaces, keys in their order, no line break at the end.
  var json: String {
    var text = ""
    write(to: &text, indentation: "")
    return text
  }

  private func write(to text: inout String, indentation: String) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value):
      text += value.isFinite ? Self.shortest(value) : Self.quoted(Self.shortest(value))
    case .string(let value): text += Self.quoted(value)
    case .list(let values):
      if values.allSatisfy(\.isScalar) {
        text += "[\(values.map(\.json).joined(separator: ", "))]"
        return
      }
      text += "[\n"
      for (index, value) in values.enumerated() {
        text += indentation + "  "
        value.write(to: &text, indentation: indentation + "  ")
        text += index + 1 < values.count ? ",\n" : "\n"
      }
      text += indentation + "]"
    case .object(let record):
      text += record.fields.isEmpty ? "{" : "{\n"
      for (index, field) in record.fields.enumerated() {
        text += "\(indentation)  \(Self.quoted(field.key)): "
        field.value.write(to: &text, indentation: indentation + "  ")
        text += index + 1 < record.fields.count ? ",\n" : "\n\(indentation)"
      }
      text += "}"
    }
  }

  private var isScalar: Bool {
    switch self {
    case .list, .object: false
    default: true
    }
  }

  /// RFC 8259, section 7.
  private static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
