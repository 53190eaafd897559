// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import GRDBSQLite

extension Database {
  /// Leaves the write-ahead log and its index beside the catalog when the last connection closes:
  /// who may not write needs both to read what others write meanwhile, and could not make them
  /// (https://sqlite.org/wal.html, "Read-Only Databases").
  func keepLog() throws {
    var isKept: Int32 = 1
    // SAFETY: the connection is open as long as this object; the flag lives for the call. A file system that
    // does not know the request says so, and keeps nothing.
    _ = unsafe sqlite3_file_control(sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &isKept)
    // No more than this is kept of the log.
    try execute(sql: "PRAGMA journal_size_limit = 67108864")
  }
}
