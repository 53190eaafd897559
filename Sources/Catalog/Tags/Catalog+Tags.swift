// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Gives a version a name that can be moved to another version of its volume later.
  ///
  /// - Parameters:
  ///   - uuid: That of a tag that is being restored; a new one by default.
  ///   - createdAt: When it was set.
  /// - Throws: ``CatalogError/invalidName(_:of:)``.
  public func setTag(
    _ name: String, toVersion id: Int64, uuid: String? = nil, createdAt: Timestamp = .now
  ) throws(CatalogError) {
    try CatalogName.check(name, of: "tag")
    try write { database in
      let version = try Catalog.version(database, id)
      try database.execute(
        sql: """
          INSERT INTO tag (uuid, volume_id, name, version_id, created_at) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (volume_id, name) DO UPDATE SET version_id = excluded.version_id,
            created_at = excluded.created_at
          """, arguments: [uuid ?? newUUID(), version.volumeID, name, id, createdAt.rawValue])
    }
  }

  /// Takes a tag away; nothing happens if there is none.
  public func removeTag(_ name: String, ofVolume id: Int64) throws(CatalogError) {
    try write { database in
      try database.execute(
        sql: "DELETE FROM tag WHERE volume_id = ? AND name = ?", arguments: [id, name])
    }
  }

  /// All that is known of the tags of a volume, by name.
  public func tagRecords(ofVolume id: Int64) throws(CatalogError) -> [TagRecord] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM tag WHERE volume_id = ? ORDER BY name", arguments: [id])
        .map { row in
          TagRecord(
            name: row["name"], uuid: row["uuid"], versionID: row["version_id"],
            createdAt: Timestamp(rawValue: row["created_at"]))
        }
    }
  }

  /// The tags of a volume: the key of the version by the name of the tag.
  public func tags(ofVolume id: Int64) throws(CatalogError) -> [String: Int64] {
    try read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT name, version_id FROM tag WHERE volume_id = ?", arguments: [id])
      return Dictionary(uniqueKeysWithValues: rows.map { ($0["name"], $0["version_id"]) })
    }
  }
}
