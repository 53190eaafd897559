// SPDX-License-Identifier: Apache-2.0

/// Records in aligned columns: text flush left, numbers flush right.
struct TextTable: CustomStringConvertible {
  let description: String

  init(_ records: [OutputRecord]) {
    guard let first = records.first else {
      description = ""
      return
    }
    let titles = first.fields.map { $0.key.replacing("_", with: " ") }
    let rows = records.map { $0.fields.map(\.text) }
    let widths = titles.indices.map { column in
      ([titles[column]] + rows.map { $0[column] }).map(\.count).max() ?? 0
    }
    let flushRight = titles.indices.map { column in
      records.contains { $0.fields[column].value.isNumeric }
        && records.allSatisfy { $0.fields[column].value.isNumeric || $0.fields[column].value == .null }
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - cells[column].count)
        return flushRight[column] ? space + cells[column] : cells[column] + space
      }
      let text = padded.joined(separator: "  ")
      return String(text[..<(text.lastIndex { $0 != " " }.map(text.index(after:)) ?? text.startIndex)])
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    description = ([line(titles), rule] + rows.map(line)).joined(separator: "\n")
  }
}
