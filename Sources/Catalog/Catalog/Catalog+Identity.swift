// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// What has a UUID.
  public enum Noun: String, Sendable, CaseIterable {
    case dataset, volume, version, model, run, evaluation, `class`
    case modelVersion = "model_version"
  }

  /// The key of what has a UUID; `nil` if there is none.
  public func key(of noun: Noun, uuid: String) throws(CatalogError) -> Int64? {
    try read { database in
      try Int64.fetchOne(
        database, sql: "SELECT id FROM \(noun.rawValue) WHERE uuid = ?", arguments: [uuid])
    }
  }

  /// When the database was made.
  public func createdAt() throws(CatalogError) -> Timestamp {
    try read { database in
      let text = try String.fetchOne(database, sql: "SELECT created_at FROM database_info")
      guard let text else { throw UnreadableColumn(column: "created_at") }
      return Timestamp(rawValue: text)
    }
  }

  /// A random UUID as the catalog spells them: in lower case.
  public static func newIdentity() -> String { newUUID() }
}
