// SPDX-License-Identifier: Apache-2.0

import Zarr

/// The settings of a run, or the preprocessing of a model, in a line for people: `loss=dice+bce patch=12,128,128`.
///
/// Names within others have a dot; what is false, empty or null, and long lists, are cut short.
///
/// - Parameter json: An object; anything else is given back as it is.
public func settingsText(_ json: String) -> String {
  guard let value = try? JSONValue(parsing: json, key: "settings"), case .object(let members) = value else {
    return json
  }
  return settings(members, prefix: "").joined(separator: " ")
}

private func settings(_ members: JSONObject, prefix: String) -> [String] {
  members.flatMap { name, value -> [String] in
    switch value {
    case .null, .bool(false): []
    case .bool(true): [prefix + name]
    case .array(let elements) where elements.isEmpty: []
    case .array(let elements) where elements.count > 8: ["\(prefix)\(name)=(\(elements.count) values)"]
    case .array(let elements): ["\(prefix)\(name)=" + elements.map(plain).joined(separator: ",")]
    case .object(let inner) where inner.isEmpty: [prefix + name]
    case .object(let inner): settings(inner, prefix: "\(prefix)\(name).")
    default: ["\(prefix)\(name)=\(plain(value))"]
    }
  }
}

/// A string without its quotes, anything else as JSON.
private func plain(_ value: JSONValue) -> String {
  if case .string(let text) = value { return text }
  return value.text(indented: false)
}
