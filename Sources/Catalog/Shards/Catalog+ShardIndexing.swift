// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// How far the catalog knows what is in a shard.
public struct ShardIndexing: Hashable, Sendable {
  /// The size that the catalog has for the shard's file.
  public let byteCount: Int
  /// The hash that the catalog has for it.
  public let hash: Hash128
  /// How many of its chunks have statistics.
  public let chunks: Int
  /// Its voxels other than 0, by those statistics.
  public let nonzero: Int
  /// How many fragments of objects it has.
  public let fragments: Int
}

extension Catalog {
  /// What the catalog knows of the shards of a version, by key.
  public func shardIndexing(ofVersion id: Int64) throws(CatalogError) -> [String: ShardIndexing] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT h.key, s.byte_count, s.hash,
            (SELECT count(*) FROM chunk_statistic c WHERE c.shard_id = s.id) AS chunks,
            (SELECT coalesce(sum(c.nonzero), 0) FROM chunk_statistic c WHERE c.shard_id = s.id) AS nonzero,
            (SELECT count(*) FROM instance_fragment f WHERE f.shard_id = s.id) AS fragments
          FROM version_shard h JOIN shard s ON s.id = h.shard_id WHERE h.version_id = ?
          """, arguments: [id])
      var indexing: [String: ShardIndexing] = [:]
      for row in rows {
        guard let hash = try row.hash128("hash") else { throw UnreadableColumn(column: "hash") }
        indexing[row["key"]] = ShardIndexing(
          byteCount: row["byte_count"], hash: hash, chunks: row["chunks"], nonzero: row["nonzero"],
          fragments: row["fragments"])
      }
      return indexing
    }
  }

  /// Takes shards from every version that has them, so that they can be entered anew.
  ///
  /// - Parameter keys: Keys of shards of the version `id`.
  /// - Returns: For each key the versions that had the shard.
  public func removeShards(_ keys: [String], ofVersion id: Int64) throws(CatalogError) -> [String: [Int64]] {
    try write { database in
      var holders: [String: [Int64]] = [:]
      for key in keys {
        let shard = try Int64.fetchOne(
          database, sql: "SELECT shard_id FROM version_shard WHERE version_id = ? AND key = ?",
          arguments: [id, key])
        guard let shard else {
          holders[key] = []
          continue
        }
        holders[key] = try Int64.fetchAll(
          database, sql: "SELECT version_id FROM version_shard WHERE shard_id = ?", arguments: [shard])
        try database.execute(sql: "DELETE FROM version_shard WHERE shard_id = ?", arguments: [shard])
        try database.execute(sql: "DELETE FROM shard WHERE id = ?", arguments: [shard])
      }
      return holders
    }
  }

  /// Lets versions hold shards of another one.
  public func shareShard(_ key: String, ofVersion id: Int64, with versions: [Int64]) throws(CatalogError) {
    try write { database in
      for version in versions {
        try database.execute(
          sql: """
            INSERT OR REPLACE INTO version_shard (version_id, key, shard_id)
            SELECT ?, key, shard_id FROM version_shard WHERE version_id = ? AND key = ?
            """, arguments: [version, id, key])
      }
    }
  }

  /// Lets a version hold those of the given shards that a version of its volume has already.
  ///
  /// - Parameter isSame: Whether the shard of a key is the same file in the version whose path is given;
  ///   asked only where size and hash agree.
  /// - Returns: The keys of those that it holds now.
  public func shareShards(
    _ shards: [(key: String, byteCount: Int, hash: Hash128)], with version: Int64,
    where isSame: (String, String) -> Bool
  ) throws(CatalogError) -> Set<String> {
    try write { database in
      let known = try Row.fetchAll(
        database,
        sql: """
          SELECT id, key, byte_count, hash, (
            SELECT v.path FROM version_shard h JOIN version v ON v.id = h.version_id
            WHERE h.shard_id = shard.id ORDER BY v.id LIMIT 1) AS path
          FROM shard WHERE volume_id = (SELECT volume_id FROM version WHERE id = ?) ORDER BY id DESC
          """, arguments: [version])
      var byKey: [String: [(id: Int64, byteCount: Int, hash: Hash128, path: String?)]] = [:]
      for row in known {
        guard let hash = try row.hash128("hash") else { throw UnreadableColumn(column: "hash") }
        byKey[row["key"], default: []].append((row["id"], row["byte_count"], hash, row["path"]))
      }
      var shared: Set<String> = []
      for one in shards {
        let equal = byKey[one.key]?.first {
          $0.byteCount == one.byteCount && $0.hash == one.hash && $0.path.map { isSame(one.key, $0) } == true
        }
        guard let equal else { continue }
        try database.execute(
          sql: "INSERT INTO version_shard (version_id, key, shard_id) VALUES (?, ?, ?)",
          arguments: [version, one.key, equal.id])
        shared.insert(one.key)
      }
      return shared
    }
  }

  /// How many bytes of the shards of a version are also those of another one.
  public func sharedBytes(ofVersion id: Int64, with other: Int64) throws(CatalogError) -> Int {
    try read { database in
      try Int.fetchOne(
        database,
        sql: """
          SELECT coalesce(sum(s.byte_count), 0) FROM version_shard h
          JOIN version_shard o ON o.shard_id = h.shard_id AND o.version_id = ?
          JOIN shard s ON s.id = h.shard_id WHERE h.version_id = ?
          """, arguments: [other, id]) ?? 0
    }
  }
}
