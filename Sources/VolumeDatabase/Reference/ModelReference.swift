// SPDX-License-Identifier: Apache-2.0

/// Which model version: `name@2`, or `name` for the latest one; `model:name@2` where a reference
/// could be something else.
public struct ModelReference: Hashable, Sendable {
  /// The name of the model.
  public let name: String
  /// The version's number, from 1; `nil` is the latest one.
  public let number: Int?

  /// - Throws: ``DatabaseError/badName(_:noun:)`` if the name breaks the rules of ``ObjectName``.
  public init(name: String, number: Int? = nil) throws(DatabaseError) {
    precondition(number ?? 1 > 0, "model versions are numbered from 1")
    self.name = try ObjectName(name, noun: "model").text
    self.number = number
  }

  /// Reads `name`, `name@2` or either after `model:`.
  ///
  /// - Throws: ``DatabaseError/badReference(_:expected:)`` or ``DatabaseError/badName(_:noun:)``.
  public init(parsing text: String) throws(DatabaseError) {
    let bare = text.hasPrefix("model:") ? String(text.dropFirst(6)) : text
    let (name, number) = try splitNumber(bare, expected: "a model's name or name@2")
    try self.init(name: name, number: number)
  }
}

extension ModelReference: CustomStringConvertible {
  public var description: String { "model:\(name)" + (number.map { "@\($0)" } ?? "") }
}
