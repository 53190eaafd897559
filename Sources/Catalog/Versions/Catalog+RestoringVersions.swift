// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Enters a version under the number that its files say, when a catalog is rebuilt from them.
  ///
  /// - Returns: The version in state ``VersionState/staging``; ``finishRestoring(_:committedAt:retiredAt:freedAt:)``
  ///   ends it once everything else about it is entered.
  public func restoreVersion(
    _ draft: VersionDraft, number: Int, path: String, createdAt: Timestamp
  ) throws(CatalogError) -> VersionRecord {
    try write { database in
      try database.execute(
        sql: "UPDATE volume SET next_number = max(next_number, ?) WHERE id = ?",
        arguments: [number + 1, draft.volumeID])
      return try insert(draft, number: number, path: path, createdAt: createdAt, into: database)
    }
  }

  /// Gives a version that is being restored the state that its files say.
  public func finishRestoring(
    _ id: Int64, committedAt: Timestamp, retiredAt: Timestamp? = nil, freedAt: Timestamp? = nil
  ) throws(CatalogError) {
    try write { database in
      try Catalog.check(database, [id], are: .staging)
      try database.execute(
        sql: """
          UPDATE version SET state = ?, staging_path = NULL, committed_at = ?, retired_at = ?, freed_at = ?
          WHERE id = ?
          """,
        arguments: [
          retiredAt == nil ? "committed" : "retired", committedAt.rawValue, retiredAt?.rawValue,
          freedAt?.rawValue, id,
        ])
    }
  }
}
