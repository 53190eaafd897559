// SPDX-License-Identifier: Apache-2.0

/// One row of a listing, or one thing that is shown: named values in a fixed order.
struct OutputRecord: Hashable, Sendable {
  /// A named value.
  struct Field: Hashable, Sendable {
    /// The name in JSON and CSV, in snake_case, units at the end: "voxel_size_nm".
    let key: String
    /// The value in JSON.
    let value: OutputValue
    /// The value in a table.
    let text: String
  }

  private(set) var fields: [Field] = []

  /// Adds a value; `text` is what a table shows where that differs from the value itself.
  mutating func add(_ key: String, _ value: OutputValue, text: String? = nil) {
    fields.append(Field(key: key, value: value, text: text ?? value.text))
  }
}

extension OutputRecord: ExpressibleByDictionaryLiteral {
  init(dictionaryLiteral elements: (String, OutputValue)...) {
    for (key, value) in elements { add(key, value) }
  }
}
