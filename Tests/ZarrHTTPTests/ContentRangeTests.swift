// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ZarrHTTP

@Suite("Content-Range")
struct ContentRangeTests {
  // The forms of RFC 9110, section 14.4.
  @Test(
    "the forms of the standard are read",
    arguments: [
      ("bytes 42-1233/1234", 42..<1234, 1234), ("bytes 42-1233/*", 42..<1234, nil),
      ("Bytes 0-0/1", 0..<1, 1), ("bytes */1234", 0..<0, 1234),
    ] as [(String, Range<Int>, Int?)])
  func forms(text: String, bytes: Range<Int>, total: Int?) throws {
    let range = try #require(ContentRange(text))
    #expect(range.bytes == bytes && range.total == total)
  }

  @Test(
    "anything else is none",
    arguments: ["", "bytes", "bytes 5-3/9", "bytes 1-2", "items 0-1/2", "bytes a-b/c", "bytes -1-2/3"])
  func others(text: String) { #expect(ContentRange(text) == nil) }
}
