// SPDX-License-Identifier: Apache-2.0

public import Arrays
internal import GRDB

extension Catalog {
  /// The objects of a version, by class and rising id.
  ///
  /// Each is whole: voxels, box and centroid are those of all its fragments in the version, also
  /// outside of `box`.
  ///
  /// - Parameters:
  ///   - box: Takes only objects with a fragment whose box has a voxel in this one, in voxels of scale
  ///     level 0. Whether a voxel of the object itself lies there, the catalog cannot tell.
  ///   - classID: Takes only objects of this class.
  /// - Complexity: O(fragments of the objects found), after a search of the R*Tree.
  public func instances(
    ofVersion id: Int64, touching box: Box? = nil, classID: Int64? = nil
  ) throws(CatalogError) -> [InstanceRecord] {
    if box?.isEmpty == true { return [] }
    return try read { database in
      let version = try Catalog.version(database, id)
      var arguments: StatementArguments = []
      var source = """
        SELECT f.* FROM version_shard h JOIN instance_fragment f ON f.shard_id = h.shard_id
        WHERE h.version_id = ?
        """
      if let box {
        source = """
          SELECT f.* FROM (SELECT DISTINCT f.instance FROM fragment_box b
              CROSS JOIN instance_fragment f ON f.id = b.id
              CROSS JOIN version_shard h ON h.shard_id = f.shard_id AND h.version_id = ?
              WHERE \(Catalog.boxCondition)) k
            CROSS JOIN instance_fragment f ON f.instance = k.instance
            CROSS JOIN version_shard h ON h.shard_id = f.shard_id AND h.version_id = ?
          """
        arguments += [id] + Catalog.boxArguments(version.volumeID, box)
      }
      arguments += [id, classID]
      return try Row.fetchAll(
        database,
        sql: """
          SELECT f.class_id, c.name, f.instance, sum(f.voxels) AS voxels,
            sum(f.sum_z) AS sum_z, sum(f.sum_y) AS sum_y, sum(f.sum_x) AS sum_x,
            min(b.z_min) AS z_start, min(b.y_min) AS y_start, min(b.x_min) AS x_start,
            max(b.z_max) + 1 AS z_end, max(b.y_max) + 1 AS y_end, max(b.x_max) + 1 AS x_end
          FROM (\(source)) f CROSS JOIN fragment_box b ON b.id = f.id JOIN class c ON c.id = f.class_id
          WHERE f.class_id = coalesce(?, f.class_id)
          GROUP BY f.class_id, f.instance
          """, arguments: arguments
      ).map(InstanceRecord.init(row:)).filter { box.map($0.box.intersects) ?? true }
        .sorted { ($0.className, $0.id) < ($1.className, $1.id) }
    }
  }

  /// The fragments of a version whose boxes have a voxel in `box`, by class and rising id.
  public func fragments(
    ofVersion id: Int64, touching box: Box, classID: Int64? = nil
  ) throws(CatalogError) -> [InstanceFragment] {
    if box.isEmpty { return [] }
    return try read { database in
      let version = try Catalog.version(database, id)
      return try Row.fetchAll(
        database,
        sql: """
          SELECT f.*, b.z_min AS z_start, b.y_min AS y_start, b.x_min AS x_start,
            b.z_max + 1 AS z_end, b.y_max + 1 AS y_end, b.x_max + 1 AS x_end
          FROM fragment_box b CROSS JOIN instance_fragment f ON f.id = b.id
          CROSS JOIN version_shard h ON h.shard_id = f.shard_id AND h.version_id = ?
          WHERE \(Catalog.boxCondition) AND f.class_id = coalesce(?, f.class_id)
          ORDER BY f.id
          """, arguments: [id] + Catalog.boxArguments(version.volumeID, box) + [classID]
      ).map(InstanceFragment.init(row:))
        .sorted { ($0.classID, $0.instance) < ($1.classID, $1.instance) }
    }
  }

  // SQLite takes CROSS JOIN as an order: the R*Tree first. Left to itself it may begin with all the
  // shards of the version.
  static let boxCondition = """
    b.volume_min <= ? AND b.volume_max >= ? AND b.z_min <= ? AND b.z_max >= ?
    AND b.y_min <= ? AND b.y_max >= ? AND b.x_min <= ? AND b.x_max >= ?
    """

  static func boxArguments(_ volume: Int64, _ box: Box) -> StatementArguments {
    var bounds = [Int(volume), Int(volume)]
    for axis in 0..<3 { bounds += [box.upper[axis] - 1, box.lower[axis]] }
    return StatementArguments(bounds)
  }
}

extension InstanceRecord {
  init(row: Row) throws {
    id = UInt64(bitPattern: row["instance"] as Int64)
    classID = row["class_id"]
    className = row["name"]
    voxels = row["voxels"]
    box = try row.box()
    let count = Double(voxels)
    centroid = ["sum_z", "sum_y", "sum_x"].map { Double(row[$0] as Int) / count }
  }
}

extension InstanceFragment {
  init(row: Row) throws {
    self.init(
      instance: UInt64(bitPattern: row["instance"] as Int64), classID: row["class_id"], voxels: row["voxels"],
      box: try row.box(), sums: [row["sum_z"], row["sum_y"], row["sum_x"]])
  }

  func insert(into database: Database, shard: Int64, volume: Int64) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO instance_fragment (shard_id, class_id, instance, voxels, sum_z, sum_y, sum_x)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [shard, classID, Int64(bitPattern: instance), voxels] + StatementArguments(sums))
    let bounds = [0, 1, 2].flatMap { [box.lower[$0], box.upper[$0] - 1] }
    try database.cachedStatement(
      sql: "INSERT INTO fragment_box VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ).execute(arguments: [database.lastInsertedRowID, volume, volume] + StatementArguments(bounds))
  }
}
