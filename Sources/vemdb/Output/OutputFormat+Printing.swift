// SPDX-License-Identifier: Apache-2.0

extension OutputFormat {
  /// Prints a listing to standard output. All records have the same keys.
  ///
  /// - Parameter empty: What a table says in place of no rows, as in "no volumes yet".
  func print(_ records: [OutputRecord], empty: String) {
    switch self {
    case .table: Swift.print(records.isEmpty ? empty : TextTable(records).description)
    case .json: Swift.print(OutputValue.list(records.map { .object($0) }).json)
    case .csv: Swift.print(CSVText(records).description, terminator: "")
    }
  }

  /// Prints one thing to standard output: lines of name and value, one JSON object, or a CSV file of one row.
  func print(_ record: OutputRecord) {
    switch self {
    case .table:
      let width = record.fields.map(\.key.count).max() ?? 0
      for field in record.fields {
        let name = field.key.replacing("_", with: " ")
        Swift.print(name + String(repeating: " ", count: width - name.count + 2) + field.text)
      }
    case .json: Swift.print(OutputValue.object(record).json)
    case .csv: Swift.print(CSVText([record]).description, terminator: "")
    }
  }
}
