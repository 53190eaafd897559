// SPDX-License-Identifier: Apache-2.0

/// Records as comma-separated values (RFC 4180) with a line of names first; null is empty.
struct CSVText: CustomStringConvertible {
  let description: String

  init(_ records: [OutputRecord]) {
    guard let first = records.first else {
      description = ""
      return
    }
    let rows = [first.fields.map(\.key)] + records.map { $0.fields.map { Self.cell($0.value) } }
    description = rows.map { $0.map(Self.escaped).joined(separator: ",") + "\n" }.joined()
  }

  private static func cell(_ value: OutputValue) -> String {
    switch value {
    case .null: ""
    case .boolean(let value): value ? "true" : "false"
    case .list(let values): values.map(cell).joined(separator: " ")
    case .object(let record): record.fields.map { "\($0.key)=\(cell($0.value))" }.joined(separator: " ")
    default: value.text
    }
  }

  private static func escaped(_ cell: String) -> String {
    guard cell.contains(where: { ",\"\n\r".contains($0) }) else { return cell }
    return "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }
}
