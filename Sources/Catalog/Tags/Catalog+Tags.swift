// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Gives a version a name that can be moved to another version of its volume later.
  ///
  /// - Throws: ``CatalogError/invalidName(_:of:)``.
  public func setTag(_ name: String, toVersion id: Int64) throws(CatalogError) {
    try CatalogName.check(name, of: "tag")
    try write { database in
      let version = try Catalog.version(database, id)
      try database.execute(
        sql: """
          INSERT INTO tag (uuid, volume_id, name, version_id, created_at) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (volume_id, name) DO UPDATE SET version_id = excluded.version_id,
            created_at = excluded.created_at
          """, arguments: [newUUID(), version.volumeID, name, id, Timestamp.now.rawValue])
    }
  }

  /// Takes a tag away; nothing happens if there is none.
  public func removeTag(_ name: String, ofVolume id: Int64) throws(CatalogError) {
    try write { database in
      try database.execute(
        sql: "DELETE FROM tag WHERE volume_id = ? AND name = ?", arguments: [id, name])
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
