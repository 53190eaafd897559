// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Forgets the shards, statistics, objects and coverage of a version that is being written, so that
  /// they can be entered anew.
  ///
  /// - Throws: ``CatalogError/wrongState(_:is:mustBe:)`` if it is not staging.
  public func clearContent(ofVersion id: Int64) throws(CatalogError) {
    try write { database in
      let version = try Catalog.version(database, id)
      guard version.state == .staging else {
        throw CatalogError.wrongState(version.reference, is: version.state.rawValue, mustBe: "staging")
      }
      try Catalog.forgetShards(database, version: id)
      try database.execute(sql: "DELETE FROM coverage WHERE version_id = ?", arguments: [id])
    }
  }

  /// Forgets a volume that has no version in any state, with its splits.
  ///
  /// - Returns: Whether it is gone.
  @discardableResult
  public func removeVolumeIfUnused(_ id: Int64) throws(CatalogError) -> Bool {
    try write { database in
      let used = try Row.fetchOne(database, sql: "SELECT 1 FROM version WHERE volume_id = ?", arguments: [id])
      if used != nil { return false }
      try database.execute(sql: "DELETE FROM volume WHERE id = ?", arguments: [id])
      return true
    }
  }
}
