// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// The version of a key.
  public func version(_ id: Int64) throws(CatalogError) -> VersionRecord {
    try read { database in try Catalog.version(database, id) }
  }

  /// The version `number` of a volume, in whatever state it is.
  ///
  /// - Throws: ``CatalogError/unknown(_:of:)``.
  public func version(_ number: Int, ofVolume volume: VolumeRecord) throws(CatalogError) -> VersionRecord {
    try read { database in
      let row = try Row.fetchOne(
        database, sql: VersionRecord.columns + " WHERE v.volume_id = ? AND v.number = ?",
        arguments: [volume.id, number])
      guard let row else { throw CatalogError.unknown("\(volume.reference)@\(number)", of: "version") }
      return try VersionRecord(row: row)
    }
  }

  /// The committed version with the highest number, or `nil` while there is none.
  public func latestVersion(ofVolume id: Int64) throws(CatalogError) -> VersionRecord? {
    try read { database in
      try Row.fetchOne(
        database,
        sql: VersionRecord.columns + """
           WHERE v.volume_id = ? AND v.state = 'committed' ORDER BY v.number DESC LIMIT 1
          """, arguments: [id]
      ).map(VersionRecord.init(row:))
    }
  }

  /// Versions by reference: of everything, one dataset, one volume or one kind, in the given states.
  public func versions(
    ofVolume volume: Int64? = nil, ofDataset dataset: Int64? = nil, kind: VolumeKind? = nil,
    states: Set<VersionState> = [.committed]
  ) throws(CatalogError) -> [VersionRecord] {
    let words = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
    return try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: VersionRecord.columns + """
           WHERE v.volume_id = coalesce(?, v.volume_id) AND d.id = coalesce(?, d.id)
           AND o.kind = coalesce(?, o.kind) AND v.state IN (\(words))
           ORDER BY d.name, o.name, v.number
          """, arguments: [volume, dataset, kind?.rawValue])
      return try rows.map(VersionRecord.init(row:))
    }
  }

  /// Versions whose writing did not end: staging and sealed ones, oldest first.
  public func unfinishedVersions() throws(CatalogError) -> [VersionRecord] {
    try read { database in
      try Row.fetchAll(
        database, sql: VersionRecord.columns + " WHERE v.state IN ('staging', 'sealed') ORDER BY v.id"
      ).map(VersionRecord.init(row:))
    }
  }

  /// The versions that a run made, whatever their state.
  public func versions(madeByRun run: Int64) throws(CatalogError) -> [VersionRecord] {
    try read { database in
      try Row.fetchAll(
        database, sql: VersionRecord.columns + " WHERE v.run_id = ? ORDER BY v.id", arguments: [run]
      ).map(VersionRecord.init(row:))
    }
  }

  /// Replaces the note of a version.
  public func setNote(_ note: String?, ofVersion id: Int64) throws(CatalogError) {
    try write { database in
      try database.execute(sql: "UPDATE version SET note = ? WHERE id = ?", arguments: [note, id])
    }
  }

  static func version(_ database: Database, _ id: Int64) throws -> VersionRecord {
    let row = try Row.fetchOne(database, sql: VersionRecord.columns + " WHERE v.id = ?", arguments: [id])
    guard let row else { throw CatalogError.unknown("\(id)", of: "version") }
    return try VersionRecord(row: row)
  }
}
