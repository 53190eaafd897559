// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Says which files a version was made from, in their order along z, in place of what was said
  /// before.
  public func setSourceFiles(_ files: [SourceFileRecord], ofVersion id: Int64) throws(CatalogError) {
    try write { database in
      try database.execute(sql: "DELETE FROM source_file WHERE version_id = ?", arguments: [id])
      let statement = try database.cachedStatement(
        sql: "INSERT INTO source_file (version_id, position, path, byte_count, sha256) VALUES (?, ?, ?, ?, ?)"
      )
      for (position, file) in files.enumerated() {
        try statement.execute(arguments: [id, position, file.path, file.byteCount, file.sha256])
      }
    }
  }

  /// The files that a version was made from, in their order along z.
  public func sourceFiles(ofVersion id: Int64) throws(CatalogError) -> [SourceFileRecord] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM source_file WHERE version_id = ? ORDER BY position", arguments: [id]
      ).map { row in
        SourceFileRecord(path: row["path"], byteCount: row["byte_count"], sha256: row["sha256"])
      }
    }
  }
}
