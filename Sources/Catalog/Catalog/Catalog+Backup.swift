// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB

extension Catalog {
  /// Copies the catalog as it is at one moment, while others go on to read and write it.
  ///
  /// - Parameters:
  ///   - path: Where the copy is to lie; must not exist.
  ///   - journal: How the copy is to keep transactions safe.
  public func backUp(to path: String, journal: JournalMode) throws(CatalogError) {
    if FileManager.default.fileExists(atPath: path) { throw .alreadyExists(path: path) }
    do {
      let copy = try DatabaseQueue(path: path)
      try connection.backup(to: copy)
      try copy.writeWithoutTransaction { database in
        try database.execute(
          sql: "UPDATE database_info SET journal = ?", arguments: [journal.rawValue])
        if journal == .delete { try database.execute(sql: "PRAGMA journal_mode = DELETE") }
      }
      try copy.close()
    } catch {
      throw CatalogError(error, at: path)
    }
  }
}
