// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension ChunkStatistic {
  func insert(into database: Database, shard: Int64) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO chunk_statistic (shard_id, z, y, x, minimum, maximum, nonzero, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [shard] + StatementArguments(index) + [minimum, maximum, nonzero, hash.data])
    let statement = try database.cachedStatement(
      sql: "INSERT INTO chunk_value (shard_id, z, y, x, value, voxels) VALUES (?, ?, ?, ?, ?, ?)")
    for (value, voxels) in counts.sorted(by: { $0.key < $1.key }) where voxels > 0 {
      try statement.execute(
        arguments: [shard] + StatementArguments(index) + [Int64(bitPattern: value), voxels])
    }
  }

  init(row: Row, counts: [UInt64: Int]) throws {
    guard let hash = try row.hash128("hash") else { throw UnreadableColumn(column: "hash") }
    self.init(
      index: [row["z"], row["y"], row["x"]], minimum: row["minimum"], maximum: row["maximum"],
      nonzero: row["nonzero"], hash: hash, counts: counts)
  }
}
