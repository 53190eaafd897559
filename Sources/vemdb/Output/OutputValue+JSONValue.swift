// SPDX-License-Identifier: Apache-2.0

import Zarr

extension OutputValue {
  /// A document of JSON as it is stored, or its text where it is none.
  init(storedJSON text: String) {
    if let value = try? JSONValue(parsing: text, key: "stored JSON") {
      self.init(value)
    } else {
      self = .string(text)
    }
  }

  /// Whole numbers above `Int.max` become strings, as ``exact(_:)`` has them.
  init(_ value: JSONValue) {
    self =
      switch value {
      case .null: .null
      case .bool(let value): .boolean(value)
      case .integer(let value): .integer(value)
      case .unsigned(let value): .exact(value)
      case .number(let value): .number(value)
      case .string(let value): .string(value)
      case .array(let values): .list(values.map { OutputValue($0) })
      case .object(let members): .object(OutputRecord(members))
      }
  }
}

extension OutputRecord {
  /// The members of an object, in their order.
  init(_ members: JSONObject) {
    self.init()
    for (key, value) in members { add(key, OutputValue(value)) }
  }
}
