// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import vemdb

@Suite("Output")
struct OutputTests {
  let records: [OutputRecord] = [
    ["name": "epfl/em", "voxels": 25_690_112, "dice": nil, "note": "raw, \"as is\""],
    ["name": "vnc/mito", "voxels": 7, "dice": 0.5, "note": "two\nlines"],
  ]

  @Test("JSON keeps the order of the keys and parses back")
  func json() throws {
    let text = OutputValue.list(records.map { .object($0) }).json
    let positions = ["name", "voxels", "dice", "note"].compactMap { text.range(of: "\"\($0)\"")?.lowerBound }
    #expect(positions.count == 4 && positions == positions.sorted())
    let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
    #expect(parsed?[0]["note"] as? String == "raw, \"as is\"")
    #expect(parsed?[0]["dice"] is NSNull)
    #expect(parsed?[1]["note"] as? String == "two\nlines")
  }

  @Test("JSON has no bare NaN, and ids pass as strings")
  func exactNumbers() {
    #expect(OutputValue.list([.number(.nan), .number(.infinity)]).json == #"["NaN", "Infinity"]"#)
    #expect(OutputValue.exact(UInt64.max).json == "\"18446744073709551615\"")
    #expect(OutputValue.exact((1 << 53) + 1).json == "\"9007199254740993\"")
  }

  @Test("CSV quotes as RFC 4180 says and leaves null empty")
  func csv() {
    let expected = """
      name,voxels,dice,note
      epfl/em,25690112,,"raw, ""as is""\"
      vnc/mito,7,0.5,"two
      lines"

      """
    #expect(CSVText(records).description == expected)
  }

  @Test("a table flushes numbers right and words left, with no blanks at the end of a line")
  func table() {
    let rows: [OutputRecord] = [["name": "a", "count": 5], ["name": "long", "count": 1234]]
    let expected = """
      name  count
      ────  ─────
      a         5
      long   1234
      """
    #expect(TextTable(rows).description == expected)
  }
}
