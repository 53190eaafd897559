// SPDX-License-Identifier: Apache-2.0

/// The members of a JSON object in the order in which they were written.
///
/// Two objects are equal if they have equal members, whatever their order.
public struct JSONObject: Sendable {
  /// The names, in order.
  public private(set) var keys: [String] = []
  private var members: [String: JSONValue] = [:]

  /// An object without members.
  public init() {}

  /// The number of members.
  public var count: Int { keys.count }

  /// Whether there is no member.
  public var isEmpty: Bool { keys.isEmpty }

  /// A member by its name; setting `nil` removes it, a new name goes to the end.
  public subscript(key: String) -> JSONValue? {
    get { members[key] }
    set {
      if let newValue {
        if members.updateValue(newValue, forKey: key) == nil { keys.append(key) }
      } else if members.removeValue(forKey: key) != nil {
        keys.removeAll { $0 == key }
      }
    }
  }
}

extension JSONObject: Hashable {
  public static func == (a: JSONObject, b: JSONObject) -> Bool { a.members == b.members }

  public func hash(into hasher: inout Hasher) { hasher.combine(members) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { self[key] = value }
  }
}

extension JSONObject: Sequence {
  /// The members in order.
  public func makeIterator() -> some IteratorProtocol<(key: String, value: JSONValue)> {
    keys.lazy.compactMap { key in members[key].map { (key: key, value: $0) } }.makeIterator()
  }
}
