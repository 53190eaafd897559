// SPDX-License-Identifier: Apache-2.0

/// What is known about the specimen and its imaging; all of it may be unknown, and may change.
public struct DatasetFacts: Hashable, Codable, Sendable {
  /// The species, as in `Rattus norvegicus`.
  public var organism: String?
  /// As in `liver`.
  public var tissue: String?
  /// As in `SBF-SEM`.
  public var modality: String?
  /// The microscope.
  public var instrument: String?
  /// Under what the data may be used.
  public var licence: String?
  /// What to cite.
  public var citation: String?
  /// Anything else.
  public var note: String?

  public init(
    organism: String? = nil, tissue: String? = nil, modality: String? = nil, instrument: String? = nil,
    licence: String? = nil, citation: String? = nil, note: String? = nil
  ) {
    self.organism = organism
    self.tissue = tissue
    self.modality = modality
    self.instrument = instrument
    self.licence = licence
    self.citation = citation
    self.note = note
  }
}

/// A specimen, imaged once: what its volumes have in common.
public struct DatasetRecord: Hashable, Sendable {
  /// The key within this catalog.
  public let id: Int64
  /// The name that holds everywhere.
  public let uuid: String
  /// Unique without regard to case.
  public let name: String
  /// The specimen and its imaging.
  public let facts: DatasetFacts
  /// When it was added.
  public let createdAt: Timestamp
}
