// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Adds a volume without versions.
  ///
  /// - Parameters:
  ///   - uuid: That of a volume that is being restored; a new one by default.
  ///   - nextNumber: The number that its next version gets.
  ///   - createdAt: When it was first added.
  /// - Throws: ``CatalogError/invalidName(_:of:)``, ``CatalogError/nameTaken(_:of:)``.
  @discardableResult
  public func addVolume(
    _ name: String, kind: VolumeKind, in dataset: Int64, note: String? = nil, uuid: String? = nil,
    nextNumber: Int = 1, createdAt: Timestamp = .now
  ) throws(CatalogError) -> VolumeRecord {
    try CatalogName.check(name, of: "volume")
    return try write { database in
      let taken = try Row.fetchOne(
        database, sql: "SELECT 1 FROM volume WHERE dataset_id = ? AND name = ?", arguments: [dataset, name])
      if taken != nil { throw CatalogError.nameTaken(name, of: "volume") }
      try database.execute(
        sql: """
          INSERT INTO volume (uuid, dataset_id, name, kind, note, next_number, created_at)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          uuid ?? newUUID(), dataset, name, kind.rawValue, note, nextNumber, createdAt.rawValue,
        ])
      return try Catalog.volume(database, "o.id = ?", [database.lastInsertedRowID], name)
    }
  }

  /// The volume `name` of the dataset `dataset`, without regard to case.
  ///
  /// - Throws: ``CatalogError/unknown(_:of:)``.
  public func volume(named name: String, in dataset: String) throws(CatalogError) -> VolumeRecord {
    try read { database in
      try Catalog.volume(database, "d.name = ? AND o.name = ?", [dataset, name], "\(dataset)/\(name)")
    }
  }

  /// The volume of a key.
  public func volume(_ id: Int64) throws(CatalogError) -> VolumeRecord {
    try read { database in try Catalog.volume(database, "o.id = ?", [id], "\(id)") }
  }

  /// Volumes by name: all, or those of one dataset, or of one kind.
  public func volumes(
    ofDataset dataset: Int64? = nil, kind: VolumeKind? = nil
  ) throws(CatalogError) -> [VolumeRecord] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: Catalog.volumeColumns + """
           WHERE o.dataset_id = coalesce(?, o.dataset_id) AND o.kind = coalesce(?, o.kind)
           ORDER BY d.name, o.name
          """, arguments: [dataset, kind?.rawValue])
      return try rows.map(VolumeRecord.init(row:))
    }
  }

  /// Replaces the note of a volume.
  public func setNote(_ note: String?, ofVolume id: Int64) throws(CatalogError) {
    try write { database in
      try database.execute(sql: "UPDATE volume SET note = ? WHERE id = ?", arguments: [note, id])
    }
  }

  /// The number that the next version of a volume gets.
  public func nextNumber(ofVolume id: Int64) throws(CatalogError) -> Int {
    try read { database in
      try Int.fetchOne(database, sql: "SELECT next_number FROM volume WHERE id = ?", arguments: [id]) ?? 1
    }
  }

  static let volumeColumns = """
    SELECT o.*, d.name AS dataset FROM volume o JOIN dataset d ON d.id = o.dataset_id
    """

  private static func volume(
    _ database: Database, _ condition: String, _ arguments: StatementArguments, _ name: String
  ) throws -> VolumeRecord {
    let row = try Row.fetchOne(
      database, sql: volumeColumns + " WHERE " + condition, arguments: arguments)
    guard let row else { throw CatalogError.unknown(name, of: "volume") }
    return try VolumeRecord(row: row)
  }
}

extension VolumeRecord {
  init(row: Row) throws {
    id = row["id"]
    uuid = row["uuid"]
    datasetID = row["dataset_id"]
    dataset = row["dataset"]
    name = row["name"]
    kind = try row.word("kind")
    note = row["note"]
    createdAt = Timestamp(rawValue: row["created_at"])
  }
}
