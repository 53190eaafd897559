// SPDX-License-Identifier: Apache-2.0

internal import CatalogSchema
internal import Foundation
internal import GRDB

extension Catalog {
  /// How long a statement waits for the lock of another process, in seconds.
  static let busyTimeout = 10.0

  /// Makes a catalog and opens it for writing; one that cannot be finished leaves no file.
  ///
  /// - Parameters:
  ///   - path: Where the file is to lie, in a folder that exists.
  ///   - journal: ``JournalMode/delete`` on network file systems.
  ///   - uuid: That of a database whose catalog is being rebuilt; a new one by default.
  ///   - createdAt: When the database was made.
  /// - Throws: ``CatalogError/alreadyExists(path:)``, ``CatalogError/diskFull(path:)``, or what SQLite
  ///   reports.
  public static func create(
    at path: String, journal: JournalMode, uuid: String? = nil, createdAt: Timestamp = .now
  ) throws(CatalogError) -> Catalog {
    if FileManager.default.fileExists(atPath: path) { throw .alreadyExists(path: path) }
    do {
      let uuid = uuid ?? newUUID()
      let connection = try writingConnection(path, journal)
      try connection.writeWithoutTransaction { database in
        try database.immediately { database in
          try database.execute(sql: "PRAGMA application_id = \(CatalogSchema.applicationID)")
          try migrate(database, path)
          try database.execute(
            sql: "INSERT INTO database_info (id, uuid, journal, created_at) VALUES (1, ?, ?, ?)",
            arguments: [uuid, journal.rawValue, createdAt.rawValue])
        }
      }
      return Catalog(
        path: path, journal: journal, isReadOnly: false, uuid: uuid, connection: connection)
    } catch {
      // Nothing was there before, and nobody can have begun to use what is no catalog yet.
      for ending in ["", "-journal", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: path + ending)
      }
      throw CatalogError(error, at: path)
    }
  }

  /// Opens a catalog.
  ///
  /// Opened for writing, an older schema is brought up to date. Opened for reading, no permission to
  /// write is needed, neither on the file nor on its folder.
  ///
  /// - Throws: ``CatalogError`` if the file is missing, is no catalog, is of a newer program, or
  ///   cannot be read.
  public convenience init(opening path: String, readOnly: Bool) throws(CatalogError) {
    do {
      let journal = try Catalog.journalMode(ofFileAt: path)
      let (reader, isImmutable) = try Catalog.readingConnection(path, journal)
      let found = try reader.read { database in try Catalog.schemaVersion(of: database, path) }
      let connection: any DatabaseWriter
      if readOnly {
        if found < CatalogSchema.version {
          throw CatalogError.olderSchema(path: path, found: found, known: CatalogSchema.version)
        }
        connection = reader
      } else {
        connection = try Catalog.writingConnection(path, journal)
        try reader.close()
        if found < CatalogSchema.version {
          try connection.writeWithoutTransaction { database in
            try database.immediately { database in try Catalog.migrate(database, path) }
          }
        }
      }
      let uuid = try connection.read { database in
        try String.fetchOne(database, sql: "SELECT uuid FROM database_info")
      }
      guard let uuid else { throw CatalogError.damaged(path: path, reason: "database_info is empty") }
      self.init(
        path: path, journal: journal, isReadOnly: readOnly, uuid: uuid, connection: connection,
        isImmutable: readOnly && isImmutable)
    } catch {
      throw CatalogError(error, at: path)
    }
  }

  /// Brings the schema up to date inside a transaction.
  static func migrate(
    _ database: Database, _ path: String, upTo last: Int = CatalogSchema.version
  ) throws {
    let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    if found > CatalogSchema.version {
      throw CatalogError.newerSchema(path: path, found: found, known: CatalogSchema.version)
    }
    for migration in CatalogSchema.migrations where found < migration.version && migration.version <= last {
      try database.execute(sql: migration.sql)
      try database.execute(sql: "PRAGMA user_version = \(migration.version)")
    }
  }

  /// The version of the schema, once it is sure that the file is a catalog that can be understood.
  private static func schemaVersion(of database: Database, _ path: String) throws -> Int {
    let application = try Int32.fetchOne(database, sql: "PRAGMA application_id")
    guard application == CatalogSchema.applicationID else { throw CatalogError.notACatalog(path: path) }
    let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    if found > CatalogSchema.version {
      throw CatalogError.newerSchema(path: path, found: found, known: CatalogSchema.version)
    }
    return found
  }

  /// The journal mode, as SQLite itself reads it from the file.
  ///
  /// Whoever opens and closes the file beside SQLite takes away the locks that all other connections of
  /// this process have on it, after which another process may delete the log that they write to
  /// (https://sqlite.org/howtocorrupt.html, section 2.2).
  private static func journalMode(ofFileAt path: String) throws -> JournalMode {
    let facts = try? FileManager.default.attributesOfItem(
      atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
    guard let facts else { throw CatalogError.missing(path: path) }
    guard facts[.type] as? FileAttributeType == .typeRegular, facts[.size] as? Int ?? 0 >= 100 else {
      throw CatalogError.notADatabase(path: path)
    }
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw CatalogError.sqlite(path: path, message: "permission to read it is missing")
    }
    do {
      let probe = try DatabaseQueue(path: path, configuration: configuration(readOnly: true))
      let mode = try probe.read { database in try String.fetchOne(database, sql: "PRAGMA journal_mode") }
      try probe.close()
      return mode == "wal" ? .wal : .delete
    } catch let error as DatabaseError where isAboutFilesBeside(error) {
      return .wal
    }
  }

  /// Whether SQLite could not make the files that only a write-ahead log needs beside the catalog: its
  /// folder forbids it, or the disk is full.
  private static func isAboutFilesBeside(_ error: DatabaseError) -> Bool {
    [.SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_IOERR].contains(error.resultCode)
  }

  private static func configuration(readOnly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.busyMode = .timeout(busyTimeout)
    configuration.label = "vemdb.catalog"
    configuration.prepareDatabase { database in try database.keepLog() }
    return configuration
  }

  private static func writingConnection(
    _ path: String, _ journal: JournalMode
  ) throws -> any DatabaseWriter {
    let configuration = configuration(readOnly: false)
    let connection: any DatabaseWriter =
      switch journal {
      case .wal: try DatabasePool(path: path, configuration: configuration)
      case .delete: try DatabaseQueue(path: path, configuration: configuration)
      }
    // The pool sets NORMAL when it opens, which may lose the last commits in a power failure.
    try connection.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
      // Who may not write can take up only where some reader of the log has been, and cannot mark a place.
      try database.execute(sql: "SELECT count(*) FROM sqlite_schema")
    }
    return connection
  }

  /// A connection that needs no permission to write.
  ///
  /// A write-ahead log needs files beside the catalog. Whoever has written to it leaves them there; where
  /// they are missing, as in a copy of the file alone, and cannot be made, nobody has it open and the file is
  /// the whole truth: it is read as immutable, until somebody begins to write.
  private static func readingConnection(
    _ path: String, _ journal: JournalMode
  ) throws -> (connection: any DatabaseWriter, isImmutable: Bool) {
    let configuration = configuration(readOnly: true)
    if journal == .delete { return (try DatabaseQueue(path: path, configuration: configuration), false) }
    do {
      let pool = try DatabasePool(path: path, configuration: configuration)
      try pool.read { database in try database.execute(sql: "SELECT count(*) FROM sqlite_schema") }
      return (pool, false)
    } catch let error as DatabaseError where isAboutFilesBeside(error) {
      return (try immutableConnection(path, configuration), true)
    }
  }

  /// The bytes of the write-ahead log; 0 if there is none.
  static func logSize(besides path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path + "-wal"))?[.size] as? Int ?? 0
  }

  static func immutableConnection(
    _ path: String, _ configuration: Configuration = configuration(readOnly: true)
  ) throws -> DatabaseQueue {
    if logSize(besides: path) > 0 { throw CatalogError.unreadableLog(path: path) }
    let address = URL(fileURLWithPath: path).absoluteString + "?immutable=1"
    return try DatabaseQueue(path: address, configuration: configuration)
  }
}
