// SPDX-License-Identifier: Apache-2.0

/// How SQLite keeps a transaction safe; chosen when a catalog is created, and kept.
public enum JournalMode: String, Sendable, CaseIterable {
  /// A write-ahead log: readers and a writer at once. Unsafe on network file systems, because its
  /// index is shared memory.
  case wal

  /// A rollback journal: right on any file system whose locks work.
  case delete
}
