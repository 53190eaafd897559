// SPDX-License-Identifier: Apache-2.0

internal import CatalogSchema

/// A kind of thing that labels mark.
public struct ClassRecord: Hashable, Sendable {
  /// The key within this catalog.
  public let id: Int64
  /// The name that holds everywhere.
  public let uuid: String
  /// The canonical name, as in `mitochondrion`.
  public let name: String
  /// Other names that mean it, as in `mito`.
  public let synonyms: [String]
  /// As in `#0072B2`.
  public let colour: String?
  /// The term of an ontology, as in `GO:0005739`.
  public let term: String?

  /// Whether every catalog knows it from the beginning.
  public var isInitial: Bool { CatalogSchema.isInitial(uuid: uuid) }
}

/// How the values of a version stand for a class.
public enum ClassMode: String, CaseIterable, Codable, Sendable {
  /// One value is the class.
  case semantic
  /// Every value but 0 is the id of one object of the class.
  case instance
  /// The values say how likely the class is.
  case probability
}

/// What values of a version mean.
public struct VersionClass: Hashable, Sendable {
  /// The class.
  public let classID: Int64
  /// Its canonical name.
  public let className: String
  /// How the values stand for it.
  public let mode: ClassMode
  /// The value that is the class; `nil` unless the mode is semantic.
  public let value: UInt64?

  public init(_ record: ClassRecord, mode: ClassMode, value: UInt64? = nil) {
    self.init(classID: record.id, className: record.name, mode: mode, value: value)
  }

  init(classID: Int64, className: String, mode: ClassMode, value: UInt64?) {
    self.classID = classID
    self.className = className
    self.mode = mode
    self.value = value
  }
}
