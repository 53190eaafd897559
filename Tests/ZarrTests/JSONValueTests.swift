// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Zarr

@Suite("JSON")
struct JSONValueTests {
  @Test("64-bit whole numbers come and go exactly")
  func wholeNumbers() throws {
    let text = "[9007199254740993,9223372036854775809,18446744073709551615,-9223372036854775808]"
    let value = try JSONValue(parsing: text, key: "t")
    #expect(
      value == .array([.integer(1 << 53 + 1), .unsigned(1 << 63 + 1), .unsigned(.max), .integer(.min)]))
    #expect(value.text(indented: false) == text)
    #expect(value.array?[1].uint64 == UInt64(1) << 63 + 1)
    let coded = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    #expect(coded == value)
  }

  @Test("the order of names is kept, and does not matter for equality")
  func order() throws {
    let text = #"{"z":1,"a":{"c":[],"b":null},"m":true}"#
    let value = try JSONValue(parsing: text, key: "t")
    #expect(value.text(indented: false) == text)
    #expect(try value == JSONValue(parsing: #"{"a":{"b":null,"c":[]},"m":true,"z":1}"#, key: "t"))
  }

  @Test("strings with every kind of escape read as Python writes them")
  func strings() throws {
    let value = try JSONValue(parsing: #""a\"\\\/\b\f\n\r\t\u00b5\ud83e\udda0é""#, key: "t")
    #expect(value == .string("a\"\\/\u{8}\u{c}\n\r\tµ🦠é"))
    #expect(try JSONValue(parsing: value.text(), key: "t") == value)
  }

  @Test(
    "doubles read back to the same bits",
    arguments: [Double(0.1), -0.0, .leastNonzeroMagnitude, 1.7976931348623157e308, 1e21, 3.0])
  func doubles(number: Double) throws {
    let value = try JSONValue(parsing: JSONValue.number(number).text(), key: "t")
    #expect(value.double?.bitPattern == number.bitPattern)
  }

  @Test("NaN and the infinities are written as the strings by which Zarr names them")
  func nonfinite() {
    #expect(
      JSONValue([.nan, .infinity, -.infinity]).text(indented: false) == #"["NaN","Infinity","-Infinity"]"#)
  }

  @Test(
    "what is not strict JSON is refused",
    arguments: [
      "", "NaN", "Infinity", "-Infinity", "[1,]", "{\"a\":1,}", "{a:1}", "'a'", "01", "1.", ".5", "+1", "1e",
      "tru",
      "[1] 2", "{\"a\":1,\"a\":2}", "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u12\"",
      "\"a", "[1",
      "{\"a\"", "{\"a\":", "// c\n1", "1e999", "\"\\", "\"\\u",
    ])
  func refused(text: String) {
    #expect(throws: ZarrError.self) { try JSONValue(parsing: text, key: "t") }
  }

  @Test("bytes that are no UTF-8 are refused")
  func encoding() {
    #expect(throws: ZarrError.self) { try JSONValue(parsing: [0x22, 0xff, 0x22], key: "t") }
    #expect(throws: ZarrError.self) { try JSONValue(parsing: [0x22, 0xed, 0xa0, 0x80, 0x22], key: "t") }
  }

  @Test("nesting has a bound, so that a document cannot use up the stack")
  func depth() throws {
    let deepest = JSONValue.maximumDepth
    let allowed = String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest)
    _ = try JSONValue(parsing: allowed, key: "t")
    #expect(throws: ZarrError.self) {
      try JSONValue(parsing: String(repeating: "[", count: 1_000_000), key: "t")
    }
  }
}
