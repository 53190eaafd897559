// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Adds a dataset.
  ///
  /// - Parameters:
  ///   - uuid: That of a dataset whose files are written already; a new one by default.
  ///   - createdAt: When it was first added.
  /// - Throws: ``CatalogError/invalidName(_:of:)``, ``CatalogError/nameTaken(_:of:)``.
  @discardableResult
  public func addDataset(
    _ name: String, _ facts: DatasetFacts = DatasetFacts(), uuid: String? = nil,
    createdAt: Timestamp = .now
  ) throws(CatalogError) -> DatasetRecord {
    try CatalogName.check(name, of: "dataset")
    return try write { database in
      if try Row.fetchOne(database, sql: "SELECT 1 FROM dataset WHERE name = ?", arguments: [name]) != nil {
        throw CatalogError.nameTaken(name, of: "dataset")
      }
      try database.execute(
        sql: """
          INSERT INTO dataset (uuid, name, organism, tissue, modality, instrument, licence, citation, note,
            created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          uuid ?? newUUID(), name, facts.organism, facts.tissue, facts.modality, facts.instrument,
          facts.licence, facts.citation, facts.note, createdAt.rawValue,
        ])
      return try Catalog.dataset(database, "d.id = ?", [database.lastInsertedRowID], name)
    }
  }

  /// Replaces what is known about a dataset.
  public func setFacts(_ facts: DatasetFacts, ofDataset id: Int64) throws(CatalogError) {
    try write { database in
      try database.execute(
        sql: """
          UPDATE dataset SET organism = ?, tissue = ?, modality = ?, instrument = ?, licence = ?,
            citation = ?, note = ? WHERE id = ?
          """,
        arguments: [
          facts.organism, facts.tissue, facts.modality, facts.instrument, facts.licence, facts.citation,
          facts.note, id,
        ])
    }
  }

  /// The dataset of a name, without regard to case.
  ///
  /// - Throws: ``CatalogError/unknown(_:of:)``.
  public func dataset(named name: String) throws(CatalogError) -> DatasetRecord {
    try read { database in try Catalog.dataset(database, "d.name = ?", [name], name) }
  }

  /// All datasets by name.
  public func datasets() throws(CatalogError) -> [DatasetRecord] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM dataset ORDER BY name").map(DatasetRecord.init(row:))
    }
  }

  private static func dataset(
    _ database: Database, _ condition: String, _ arguments: StatementArguments, _ name: String
  ) throws -> DatasetRecord {
    let row = try Row.fetchOne(
      database, sql: "SELECT * FROM dataset d WHERE \(condition)", arguments: arguments)
    guard let row else { throw CatalogError.unknown(name, of: "dataset") }
    return DatasetRecord(row: row)
  }
}

extension DatasetRecord {
  init(row: Row) {
    id = row["id"]
    uuid = row["uuid"]
    name = row["name"]
    facts = DatasetFacts(
      organism: row["organism"], tissue: row["tissue"], modality: row["modality"],
      instrument: row["instrument"], licence: row["licence"], citation: row["citation"], note: row["note"])
    createdAt = Timestamp(rawValue: row["created_at"])
  }
}
