// SPDX-License-Identifier: Apache-2.0

/// The SQL that makes and changes the catalog, one step a version of the schema.
///
/// ```swift
/// for migration in CatalogSchema.migrations where migration.version > found {
///   try database.execute(sql: migration.sql)
/// }
/// ```
public enum CatalogSchema {
  /// One step from the schema before to ``version``.
  public struct Migration: Sendable {
    /// What `PRAGMA user_version` says afterwards.
    public let version: Int
    /// Statements that run in one transaction.
    public let sql: String

    init(_ version: Int, _ bytes: [UInt8]) {
      self.version = version
      sql = String(decoding: bytes, as: UTF8.self)
    }
  }

  /// All steps in order, from version 1 on.
  public static let migrations = [
    Migration(1, PackageResources.v001_initial_sql),
    Migration(2, PackageResources.v002_views_sql),
    Migration(3, PackageResources.v003_classes_sql),
    Migration(4, PackageResources.v004_housekeeping_sql),
  ]

  /// Whether every catalog has something of this UUID from the beginning, as it has the common classes.
  public static func isInitial(uuid: String) -> Bool { migrations.contains { $0.sql.contains("'\(uuid)'") } }

  /// The version that this program reads and writes.
  public static var version: Int { migrations.count }

  /// What `PRAGMA application_id` says of a vemdb catalog: the letters `vemd`.
  public static let applicationID: Int32 = 0x7665_6D64
}
