// SPDX-License-Identifier: Apache-2.0

/// Reads one object of a metadata document and refuses what it does not know.
struct MetadataReader {
  let members: JSONObject
  let key: String
  private let place: String

  /// - Parameters:
  ///   - place: What the object is called in errors.
  ///   - key: The key of the document.
  init(_ members: JSONObject, of place: String, key: String) {
    self.members = members
    self.key = key
    self.place = place
  }

  func invalid(_ reason: String) -> ZarrError { .invalidMetadata(key: key, reason: reason) }

  /// Refuses every member with another name, unless it says that it need not be understood.
  func allow(_ names: String...) throws(ZarrError) {
    for (name, value) in members where !names.contains(name) {
      if value["must_understand"] == .bool(false) { continue }
      throw invalid("\(place) has the unknown member '\(name)'")
    }
  }

  func required(_ name: String) throws(ZarrError) -> JSONValue {
    guard let value = members[name] else { throw invalid("\(place) has no '\(name)'") }
    return value
  }

  /// The name and configuration of a required member that nobody may leave out of account: the core
  /// specification (section "must_understand") allows no `false` there.
  func understood(_ name: String) throws(ZarrError) -> (String, JSONObject) {
    let json = try required(name)
    guard json["must_understand"] != .bool(false) else {
      throw invalid("\(name) has must_understand false, which it may not have")
    }
    return try named(json, name)
  }

  /// The name and configuration of an extension point: an object, or its name alone.
  func named(_ json: JSONValue, _ what: String) throws(ZarrError) -> (String, JSONObject) {
    if let name = json.string { return (name, [:]) }
    guard let object = json.object, let name = object["name"]?.string else {
      throw invalid("\(what) has no name")
    }
    for member in object.keys where !["name", "configuration", "must_understand"].contains(member) {
      throw invalid("\(what) has the unknown member '\(member)'")
    }
    if let value = object["must_understand"], value.bool == nil {
      throw invalid("must_understand of \(what) is no truth value")
    }
    guard let configuration = object["configuration"] else { return (name, [:]) }
    guard let configuration = configuration.object else {
      throw invalid("the configuration of \(what) is no object")
    }
    return (name, configuration)
  }
}
