// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Takes a committed version out of sight, or back into it.
  ///
  /// - Throws: ``CatalogError/wrongState(_:is:mustBe:)`` if it is not committed, or not retired, or if its
  ///   files are gone.
  public func setRetired(_ retired: Bool, version id: Int64) throws(CatalogError) {
    try write { database in
      try Catalog.check(database, [id], are: retired ? .committed : .retired)
      try Catalog.checkHasFiles(database, id)
      try database.execute(
        sql: "UPDATE version SET state = ?, retired_at = ? WHERE id = ?",
        arguments: [
          retired ? "retired" : "committed", retired ? Timestamp.now.rawValue : nil, id,
        ])
    }
  }

  /// Says that the files of a retired version go: its shards, those that no other version has, and its tags
  /// are forgotten; its row stays.
  ///
  /// - Throws: ``CatalogError/wrongState(_:is:mustBe:)`` if it is not retired or freed already.
  public func freeVersion(_ id: Int64) throws(CatalogError) {
    try write { database in
      try Catalog.check(database, [id], are: .retired)
      try Catalog.checkHasFiles(database, id)
      try Catalog.forgetShards(database, version: id)
      try database.execute(sql: "DELETE FROM tag WHERE version_id = ?", arguments: [id])
      try database.execute(
        sql: "UPDATE version SET freed_at = ? WHERE id = ?", arguments: [Timestamp.now.rawValue, id])
    }
  }

  /// Forgets those of the given versions whose files are gone and that nothing else came from: no version
  /// continues or belongs to them, no run read them, no score was taken of them.
  ///
  /// - Returns: Those that are forgotten.
  @discardableResult
  public func forgetFreedVersions(_ ids: [Int64]) throws(CatalogError) -> Set<Int64> {
    try write { database in
      var forgotten: Set<Int64> = []
      var isChanged = true
      // One that is forgotten may have been the last that came from another.
      while isChanged {
        isChanged = false
        for id in ids where !forgotten.contains(id) {
          try database.execute(
            sql: """
              DELETE FROM version WHERE id = ?1 AND freed_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM version WHERE parent_id = ?1 OR image_id = ?1)
                AND NOT EXISTS (SELECT 1 FROM run_input WHERE version_id = ?1)
                AND NOT EXISTS (SELECT 1 FROM evaluation WHERE prediction_id = ?1 OR truth_id = ?1)
              """, arguments: [id])
          if database.changesCount > 0 {
            forgotten.insert(id)
            isChanged = true
          }
        }
      }
      return forgotten
    }
  }

  private static func checkHasFiles(_ database: Database, _ id: Int64) throws {
    let version = try version(database, id)
    if version.freedAt != nil {
      throw CatalogError.wrongState(version.reference, is: "freed (its files are gone)", mustBe: "on disk")
    }
  }
}
