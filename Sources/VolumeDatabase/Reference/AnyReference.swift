// SPDX-License-Identifier: Apache-2.0

/// What a command that takes anything is given: `dataset`, `dataset/volume`, `dataset/volume@3`,
/// `model:name@2` or `run:12`.
public enum AnyReference: Hashable, Sendable {
  case dataset(String)
  case version(VersionReference)
  case model(ModelReference)
  case run(RunReference)

  /// - Throws: ``DatabaseError/badReference(_:expected:)`` or ``DatabaseError/badName(_:noun:)``.
  public init(parsing text: String) throws(DatabaseError) {
    if text.hasPrefix("model:") {
      self = .model(try ModelReference(parsing: text))
    } else if text.hasPrefix("run:") {
      self = .run(try RunReference(parsing: text))
    } else if text.contains("/") {
      self = .version(try VersionReference(parsing: text))
    } else if text.contains("@") || text.contains(":") {
      throw .badReference(text, expected: "dataset, dataset/volume@3, model:name@2 or run:12")
    } else {
      self = .dataset(try ObjectName(text, noun: "dataset").text)
    }
  }
}

extension AnyReference: CustomStringConvertible {
  public var description: String {
    switch self {
    case .dataset(let name): name
    case .version(let reference): "\(reference)"
    case .model(let reference): "\(reference)"
    case .run(let reference): "\(reference)"
    }
  }
}
