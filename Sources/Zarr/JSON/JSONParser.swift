// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
  /// Reads a JSON document strictly by RFC 8259: no bare NaN, no comments, no trailing commas, no
  /// second member of one name, valid UTF-8, at most ``maximumDepth`` levels.
  ///
  /// - Parameter key: What the document is called in errors.
  /// - Throws: ``ZarrError/invalidJSON(key:reason:)``.
  public init(parsing bytes: [UInt8], key: String) throws(ZarrError) {
    var parser = JSONParser(bytes: bytes, key: key)
    self = try parser.document()
  }

  /// Reads a JSON document from a string; see ``init(parsing:key:)-([UInt8],_)``.
  public init(parsing text: String, key: String) throws(ZarrError) {
    try self.init(parsing: Array(text.utf8), key: key)
  }

  /// How deep arrays and objects may be nested, so that no document can use up the stack.
  public static let maximumDepth = 128
}

struct JSONParser {
  private let bytes: [UInt8]
  private let key: String
  private var place = 0
  private var depth = 0

  init(bytes: [UInt8], key: String) {
    self.bytes = bytes
    self.key = key
  }

  mutating func document() throws(ZarrError) -> JSONValue {
    let value = try value()
    skipSpace()
    guard place == bytes.count else { throw failure("something follows the value") }
    return value
  }

  private mutating func value() throws(ZarrError) -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try nested { (parser) throws(ZarrError) in try parser.object() })
    case UInt8(ascii: "["): return .array(try nested { (parser) throws(ZarrError) in try parser.array() })
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"): return try number()
    case let digit? where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit): return try number()
    case nil: throw failure("it ends too early")
    case UInt8(ascii: "N"), UInt8(ascii: "I"):
      throw failure("a bare NaN or Infinity is no JSON number")
    default: throw failure("a value is expected")
    }
  }

  private mutating func nested<Result>(
    _ body: (inout JSONParser) throws(ZarrError) -> Result
  ) throws(ZarrError) -> Result {
    guard depth < JSONValue.maximumDepth else { throw failure("it is nested too deeply") }
    depth += 1
    place += 1
    let result = try body(&self)
    depth -= 1
    return result
  }

  private mutating func object() throws(ZarrError) -> JSONObject {
    var members = JSONObject()
    skipSpace()
    if take("}") { return members }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("a name in quotes is expected") }
      let name = try string()
      guard members[name] == nil else { throw failure("the name '\(name)' stands twice in one object") }
      skipSpace()
      guard take(":") else { throw failure("':' is expected") }
      members[name] = try value()
      skipSpace()
      if take("}") { return members }
      guard take(",") else { throw failure("',' or '}' is expected") }
    }
  }

  private mutating func array() throws(ZarrError) -> [JSONValue] {
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return elements }
    while true {
      elements.append(try value())
      skipSpace()
      if take("]") { return elements }
      guard take(",") else { throw failure("',' or ']' is expected") }
    }
  }

  private mutating func literal(_ word: String, _ value: JSONValue) throws(ZarrError) -> JSONValue {
    guard bytes[place...].starts(with: word.utf8) else { throw failure("'\(word)' is expected") }
    place += word.utf8.count
    return value
  }

  private mutating func number() throws(ZarrError) -> JSONValue {
    let start = place
    var isWhole = true
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") {
      isWhole = false
      try digits()
    }
    if take("e") || take("E") {
      isWhole = false
      _ = take("+") || take("-")
      try digits()
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isWhole, text != "-0" {
      if let value = Int(text) { return .integer(value) }
      if let value = UInt64(text) { return .unsigned(value) }
    }
    guard let value = Double(text), value.isFinite else { throw failure("the number \(text) is too large") }
    return .number(value)
  }

  private mutating func digits() throws(ZarrError) {
    let start = place
    while let digit = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) { place += 1 }
    guard place > start else { throw failure("a digit is expected") }
  }

  private mutating func string() throws(ZarrError) -> String {
    place += 1
    var text: [UInt8] = []
    while let byte = next {
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("a string is no valid UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): text += Array(String(try escape()).utf8)
      case 0..<0x20: throw failure("a control character stands in a string")
      default: text.append(byte)
      }
    }
    throw failure("a string does not end")
  }

  private mutating func escape() throws(ZarrError) -> Unicode.Scalar {
    defer { place += 1 }
    switch next {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try hexadecimal()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      // RFC 8259, section 7: a pair of surrogates, each escaped by itself.
      guard (0xD800..<0xDC00).contains(unit), bytes[(place + 1)...].starts(with: Array("\\u".utf8)) else {
        throw failure("half a surrogate pair stands in a string")
      }
      place += 2
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
      else { throw failure("half a surrogate pair stands in a string") }
      return scalar
    default: throw failure("an unknown escape stands in a string")
    }
  }

  /// The four digits after the present byte; ends on the last of them.
  private mutating func hexadecimal() throws(ZarrError) -> UInt32 {
    let digits = bytes[(place + 1)...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits are expected") }
    place += 4
    return value
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  private func failure(_ reason: String) -> ZarrError {
    .invalidJSON(key: key, reason: "\(reason) at byte \(place)")
  }
}
