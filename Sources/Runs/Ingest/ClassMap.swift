// SPDX-License-Identifier: Apache-2.0

/// What the values of label files mean, as a person says it: `mito=255,er=2` or `mito=nonzero`.
///
/// 0 is background unless it is named; the reserved name `background` names more values that are.
public struct ClassMap: Codable, Hashable, Sendable {
  /// Which values are a class.
  public enum Values: Hashable, Sendable {
    /// One value; negative ones as the bits of a signed 64-bit integer.
    case one(UInt64)
    /// All values but 0.
    case nonzero
  }

  /// A class by one of its names, and its values.
  public struct Entry: Hashable, Sendable {
    public let name: String
    public let values: Values
  }

  /// The classes, in the order they were named.
  public let entries: [Entry]

  /// Values that are background besides 0.
  public let background: Set<UInt64>

  /// The name that means no class.
  static let backgroundName = "background"

  /// Reads `mito=255,er=2`, `mito=nonzero`, or `mito` alone, which means `mito=nonzero`.
  ///
  /// - Throws: ``IngestError/badClasses(_:reason:)``.
  public init(parsing text: String) throws(IngestError) {
    var entries: [Entry] = []
    var background: Set<UInt64> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { $0.filter { $0 != " " } }
      guard let name = pair.first, !name.isEmpty else {
        throw .badClasses(text, reason: "a name is missing")
      }
      let values: Values
      if pair.count == 1 || pair[1].lowercased() == "nonzero" {
        values = .nonzero
      } else if let value = UInt64(pair[1]) ?? Int64(pair[1]).map({ UInt64(bitPattern: $0) }) {
        values = .one(value)
      } else {
        throw .badClasses(text, reason: "'\(pair[1])' is neither a whole number nor 'nonzero'")
      }
      guard name.lowercased() == Self.backgroundName else {
        entries.append(Entry(name: name, values: values))
        continue
      }
      guard case .one(let value) = values else {
        throw .badClasses(text, reason: "background needs a value")
      }
      background.insert(value)
    }
    try Self.check(entries, background, text)
    self.entries = entries
    self.background = background
  }

  private static func check(
    _ entries: [Entry], _ background: Set<UInt64>, _ text: String
  ) throws(IngestError) {
    guard !entries.isEmpty else { throw .badClasses(text, reason: "no class is named") }
    if entries.contains(where: { $0.values == .nonzero }) {
      guard entries.count == 1, background.isEmpty else {
        throw .badClasses(text, reason: "'nonzero' leaves no value for another class")
      }
    }
    var seen = background
    for case .one(let value) in entries.map(\.values) {
      guard seen.insert(value).inserted else {
        throw .badClasses(text, reason: "the value \(Int64(bitPattern: value)) is named twice")
      }
    }
  }

  /// Whether all values but 0 are one class.
  public var isNonzero: Bool { entries.first?.values == .nonzero }

  /// The values that may occur in a file.
  var allowed: Set<UInt64> {
    var values = background.union([0])
    for case .one(let value) in entries.map(\.values) { values.insert(value) }
    return values
  }
}

extension ClassMap: CustomStringConvertible {
  /// As ``init(parsing:)`` reads it.
  public var description: String {
    let named = entries.map { entry in
      switch entry.values {
      case .one(let value): "\(entry.name)=\(value)"
      case .nonzero: "\(entry.name)=nonzero"
      }
    }
    return (named + background.sorted().map { "\(Self.backgroundName)=\($0)" })
      .joined(separator: ",")
  }

  public init(from decoder: any Decoder) throws {
    try self.init(parsing: decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
