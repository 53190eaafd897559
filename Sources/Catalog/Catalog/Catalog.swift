// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// What a database knows: datasets, volumes, versions, classes, coverage, shards, instances, models,
/// runs and scores, in one SQLite file.
///
/// ```swift
/// let catalog = try Catalog.create(at: "lab.vemdb/catalog.sqlite", journal: .wal)
/// let liver = try catalog.addDataset("ratliver", DatasetFacts(tissue: "liver"))
/// let em = try catalog.addVolume("em", kind: .image, in: liver.id)
/// let version = try catalog.reserveVersion(draft)        // its number is never given again
/// try catalog.addShards(batch, to: version.id)           // short transactions, any number
/// try catalog.setContent(hash: hash, ofVersion: version.id)
/// try catalog.sealVersions([version.id])                 // the files are safe on disk …
/// try catalog.commitVersions([version.id])               // … and in their place
/// ```
///
/// All calls are synchronous, and may come from any thread. Each is one transaction.
public final class Catalog: Sendable {
  /// Where the file lies.
  public let path: String

  /// How SQLite keeps transactions safe.
  public let journal: JournalMode

  /// Whether nothing can be written.
  public let isReadOnly: Bool

  /// The UUID of the database.
  public let uuid: String

  let connection: any DatabaseWriter

  /// Whether the file alone is read, as if nobody could write it.
  let isImmutable: Bool

  init(
    path: String, journal: JournalMode, isReadOnly: Bool, uuid: String, connection: any DatabaseWriter,
    isImmutable: Bool = false
  ) {
    self.path = path
    self.journal = journal
    self.isReadOnly = isReadOnly
    self.uuid = uuid
    self.connection = connection
    self.isImmutable = isImmutable
  }

  /// Closes all connections. Later calls fail.
  ///
  /// - Parameter merging: Whether the write-ahead log must be merged into the file first, so that the file alone
  ///   is the whole catalog; fails if somebody else has it open.
  public func close(merging: Bool = false) throws(CatalogError) {
    if merging && journal == .wal {
      do {
        _ = try connection.writeWithoutTransaction { database in try database.checkpoint(.truncate) }
      } catch {
        throw CatalogError(error, at: path)
      }
    }
    if !isReadOnly && !merging && journal == .wal {
      // The last connection to close is one that reads, and leaves the log as it is. Nobody is waited for.
      _ = try? connection.writeWithoutTransaction { database in try database.checkpoint(.passive) }
    }
    do { try connection.close() } catch { throw CatalogError(error, at: path) }
  }
}
