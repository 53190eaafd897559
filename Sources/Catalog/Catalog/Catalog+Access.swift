// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB

extension Catalog {
  /// Runs `body` in a transaction that sees one state of the catalog.
  func read<Result>(_ body: (Database) throws -> Result) throws(CatalogError) -> Result {
    do {
      let result = try connection.read(body)
      // Since it was opened somebody has begun to write: what was read may be of two times.
      if isImmutable && Self.logSize(besides: path) > 0 { throw CatalogError.unreadableLog(path: path) }
      return result
    } catch {
      throw CatalogError(error, at: path)
    }
  }

  /// Runs `body` in a transaction that has the one write lock from its begin on (`BEGIN IMMEDIATE`);
  /// an error undoes all of it.
  func write<Result>(_ body: (Database) throws -> Result) throws(CatalogError) -> Result {
    if isReadOnly { throw .readOnly(path: path) }
    do {
      return try connection.writeWithoutTransaction { database in
        try database.immediately(body)
      }
    } catch {
      throw CatalogError(error, at: path)
    }
  }
}

extension Database {
  /// Runs `body` between `BEGIN IMMEDIATE` and `COMMIT`.
  func immediately<Result>(_ body: (Database) throws -> Result) throws -> Result {
    var result: Result?
    try inTransaction(.immediate) {
      result = try body(self)
      return .commit
    }
    guard let result else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
    return result
  }
}

extension CatalogError {
  /// What an error of GRDB or of this module says.
  init(_ error: any Error, at path: String) {
    if let known = error as? CatalogError {
      self = known
      return
    }
    if let unreadable = error as? UnreadableColumn {
      self = .damaged(path: path, reason: "\(unreadable)")
      return
    }
    guard let report = error as? DatabaseError else {
      self = .sqlite(path: path, message: "\(error)")
      return
    }
    let message = report.message ?? "code \(report.extendedResultCode.rawValue)"
    switch report.resultCode {
    case .SQLITE_NOTADB: self = .notADatabase(path: path)
    case .SQLITE_CORRUPT, .SQLITE_FORMAT: self = .damaged(path: path, reason: message)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
    case .SQLITE_FULL: self = .diskFull(path: path)
    case .SQLITE_IOERR where !Self.hasRoom(besides: path): self = .diskFull(path: path)
    case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly(path: path)
    case .SQLITE_CONSTRAINT: self = .refused(path: path, reason: message)
    default: self = .sqlite(path: path, message: message)
    }
  }

  /// Whether the file system has room for a page; a full disk is no more than an I/O error to some of
  /// SQLite's calls.
  private static func hasRoom(besides path: String) -> Bool {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let facts = try? FileManager.default.attributesOfFileSystem(forPath: folder)
    guard let free = (facts?[.systemFreeSize] as? NSNumber)?.int64Value else { return true }
    return free >= 1 << 16
  }
}
