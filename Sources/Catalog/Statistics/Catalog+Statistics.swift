// SPDX-License-Identifier: Apache-2.0

public import Arrays
internal import GRDB

extension Catalog {
  /// The stored chunks of scale level 0 of a version, in C order.
  ///
  /// - Parameters:
  ///   - chunks: Which chunks, as a box in units of chunks; all by default.
  ///   - countingValues: Whether ``ChunkStatistic/counts`` are wanted.
  public func chunkStatistics(
    ofVersion id: Int64, in chunks: Box? = nil, countingValues: Bool = true
  ) throws(CatalogError) -> [ChunkStatistic] {
    try read { database in
      let version = try Catalog.version(database, id)
      let wanted = chunks ?? Box(ChunkGrid(shape: version.shape, chunk: version.chunk).counts)
      var counts: [[Int]: [UInt64: Int]] = [:]
      if countingValues {
        let rows = try Row.fetchCursor(
          database, sql: Catalog.chunkJoin("n.*", "chunk_value n"),
          arguments: Catalog.chunkArguments(version, wanted))
        while let row = try rows.next() {
          let value = UInt64(bitPattern: row["value"] as Int64)
          counts[[row["z"], row["y"], row["x"]], default: [:]][value] = row["voxels"]
        }
      }
      return try Row.fetchAll(
        database, sql: Catalog.chunkJoin("n.*", "chunk_statistic n") + " ORDER BY n.z, n.y, n.x",
        arguments: Catalog.chunkArguments(version, wanted)
      ).map { row in
        try ChunkStatistic(row: row, counts: counts[[row["z"], row["y"], row["x"]]] ?? [:])
      }
    }
  }

  /// Counts the values of a region of a semantic version as far as chunks lie wholly inside, and says
  /// which chunks must be decoded for the rest.
  ///
  /// - Parameter region: In voxels of scale level 0, inside the version's shape.
  /// - Complexity: O(chunks that the region touches).
  public func regionCounts(ofVersion id: Int64, in region: Box) throws(CatalogError) -> RegionCounts {
    try read { database in
      let version = try Catalog.version(database, id)
      let grid = ChunkGrid(shape: version.shape, chunk: version.chunk)
      let region = region.intersection(Box(version.shape))
      let whole = grid.chunks(whollyInside: region)
      var counts: [UInt64: Int] = [:]
      var nonzero = 0
      if !whole.isEmpty {
        let rows = try Row.fetchCursor(
          database,
          sql: Catalog.chunkJoin("n.value, sum(n.voxels) AS voxels", "chunk_value n") + " GROUP BY n.value",
          arguments: Catalog.chunkArguments(version, whole))
        while let row = try rows.next() {
          let value = UInt64(bitPattern: row["value"] as Int64)
          if value != 0 { counts[value] = row["voxels"] }
        }
        nonzero =
          try Int.fetchOne(
            database, sql: Catalog.chunkJoin("coalesce(sum(n.nonzero), 0)", "chunk_statistic n"),
            arguments: Catalog.chunkArguments(version, whole)) ?? 0
      }
      var boundary: [[Int]] = []
      for part in grid.chunks(touching: region).subtracting(whole) {
        let rows = try Row.fetchCursor(
          database, sql: Catalog.chunkJoin("n.z, n.y, n.x", "chunk_statistic n") + " AND n.nonzero > 0",
          arguments: Catalog.chunkArguments(version, part))
        while let row = try rows.next() { boundary.append([row["z"], row["y"], row["x"]]) }
      }
      boundary.sort { $0.lexicographicallyPrecedes($1) }
      return RegionCounts(counts: counts, nonzero: nonzero, boundaryChunks: boundary)
    }
  }

  /// Rows that hang off the level-0 shards of a version, in a box of chunks.
  static func chunkJoin(_ columns: String, _ table: String) -> String {
    """
    SELECT \(columns) FROM version_shard h
    JOIN shard s ON s.id = h.shard_id AND s.level = 0
      AND s.z BETWEEN ? AND ? AND s.y BETWEEN ? AND ? AND s.x BETWEEN ? AND ?
    JOIN \(table) ON n.shard_id = s.id
      AND n.z BETWEEN ? AND ? AND n.y BETWEEN ? AND ? AND n.x BETWEEN ? AND ?
    WHERE h.version_id = ?
    """
  }

  static func chunkArguments(_ version: VersionRecord, _ chunks: Box) -> StatementArguments {
    var bounds: [Int] = []
    let ratio = (0..<3).map { version.shard[$0] / version.chunk[$0] }
    for axis in 0..<3 {
      bounds += [chunks.lower[axis] / ratio[axis], (chunks.upper[axis] - 1) / ratio[axis]]
    }
    for axis in 0..<3 { bounds += [chunks.lower[axis], chunks.upper[axis] - 1] }
    return StatementArguments(bounds) + [version.id]
  }
}

extension ChunkGrid {
  /// The indices of the chunks all of whose voxels in the array lie in `region`, as a box.
  func chunks(whollyInside region: Box) -> Box {
    Box(
      lower: region.lower.indices.map { (region.lower[$0] + chunk[$0] - 1) / chunk[$0] },
      upper: region.upper.indices.map {
        region.upper[$0] >= shape[$0] ? counts[$0] : region.upper[$0] / chunk[$0]
      })
  }
}
