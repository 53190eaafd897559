// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Adds new shards to a version, with their statistics and fragments, in one transaction.
  ///
  /// Keep batches to what a tenth of a second inserts (about 5,000 chunks or fragments), so that
  /// others get their turn.
  public func addShards(_ entries: [ShardEntry], to version: Int64) throws(CatalogError) {
    try write { database in
      guard
        let volume = try Int64.fetchOne(
          database, sql: "SELECT volume_id FROM version WHERE id = ?", arguments: [version])
      else { throw CatalogError.unknown("\(version)", of: "version") }
      for entry in entries {
        let shard = entry.shard
        try database.cachedStatement(
          sql: """
            INSERT INTO shard (volume_id, key, level, z, y, x, byte_count, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).execute(
          arguments: [volume, shard.key, shard.level] + StatementArguments(shard.index)
            + [shard.byteCount, shard.hash.data])
        let id = database.lastInsertedRowID
        try database.cachedStatement(
          sql: "INSERT INTO version_shard (version_id, key, shard_id) VALUES (?, ?, ?)"
        ).execute(arguments: [version, shard.key, id])
        for chunk in entry.chunks { try chunk.insert(into: database, shard: id) }
        for fragment in entry.fragments { try fragment.insert(into: database, shard: id, volume: volume) }
      }
    }
  }

  /// Lets a version hold the shards of its parent, but for those whose keys are given.
  ///
  /// - Returns: How many shards the two now share.
  @discardableResult
  public func shareShards(
    ofVersion parent: Int64, with version: Int64, except keys: Set<String> = []
  ) throws(CatalogError) -> Int {
    try write { database in
      let rows = try Row.fetchCursor(
        database, sql: "SELECT key, shard_id FROM version_shard WHERE version_id = ?", arguments: [parent])
      var shared: [(String, Int64)] = []
      while let row = try rows.next() {
        if !keys.contains(row["key"]) { shared.append((row["key"], row["shard_id"])) }
      }
      let statement = try database.cachedStatement(
        sql: "INSERT INTO version_shard (version_id, key, shard_id) VALUES (?, ?, ?)")
      for (key, shard) in shared { try statement.execute(arguments: [version, key, shard]) }
      return shared.count
    }
  }

  /// The shards of a version by key, or of one of its levels.
  public func shards(ofVersion id: Int64, level: Int? = nil) throws(CatalogError) -> [ShardRecord] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT s.* FROM version_shard h JOIN shard s ON s.id = h.shard_id
          WHERE h.version_id = ? AND s.level = coalesce(?, s.level) ORDER BY h.key
          """, arguments: [id, level]
      ).map { row in
        guard let hash = try row.hash128("hash") else { throw UnreadableColumn(column: "hash") }
        return ShardRecord(
          id: row["id"], key: row["key"], level: row["level"], index: [row["z"], row["y"], row["x"]],
          byteCount: row["byte_count"], hash: hash)
      }
    }
  }

  /// How much a version stores: in all its shards, and in those that no other version holds.
  public func storedBytes(
    ofVersion id: Int64
  ) throws(CatalogError) -> (shards: Int, bytes: Int, ownBytes: Int) {
    try read { database in
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT count(*) AS shards, coalesce(sum(s.byte_count), 0) AS bytes,
            coalesce(sum(CASE WHEN EXISTS (SELECT 1 FROM version_shard o
              WHERE o.shard_id = h.shard_id AND o.version_id <> h.version_id)
              THEN 0 ELSE s.byte_count END), 0) AS own
          FROM version_shard h JOIN shard s ON s.id = h.shard_id WHERE h.version_id = ?
          """, arguments: [id])
      return (row?["shards"] ?? 0, row?["bytes"] ?? 0, row?["own"] ?? 0)
    }
  }
}
