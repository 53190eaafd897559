// SPDX-License-Identifier: Apache-2.0

public import Arrays
internal import GRDB

extension Catalog {
  /// Adds to what a version covers.
  public func addCoverage(_ boxes: [CoverageBox], to version: Int64) throws(CatalogError) {
    try write { database in
      for one in boxes {
        try database.execute(
          sql: """
            INSERT INTO coverage (version_id, class_id, run_id, z_start, y_start, x_start, z_end, y_end, x_end)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, arguments: [version, one.classID, one.runID] + one.box.columns)
      }
    }
  }

  /// What a version covers, as it was added, in rising z.
  public func coverage(ofVersion id: Int64) throws(CatalogError) -> [CoverageBox] {
    try read { database in try Catalog.coverage(database, id, within: nil) }
  }

  /// The parts of `region` that a version covers, as disjoint boxes.
  ///
  /// - Parameters:
  ///   - region: In voxels of scale level 0.
  ///   - classID: What must be covered; `nil` takes what is covered for any class.
  public func coveredBoxes(
    ofVersion id: Int64, classID: Int64? = nil, in region: Box
  ) throws(CatalogError) -> [Box] {
    let boxes = try read { database in try Catalog.coverage(database, id, within: region) }
    return boxes.filter { classID == nil || $0.classID == classID }.map { $0.box.intersection(region) }
      .disjoint()
  }

  private static func coverage(_ database: Database, _ id: Int64, within region: Box?) throws -> [CoverageBox]
  {
    var sql = "SELECT * FROM coverage WHERE version_id = ?"
    var arguments: StatementArguments = [id]
    if let region {
      sql += """
         AND z_end > ? AND y_end > ? AND x_end > ? AND z_start < ? AND y_start < ? AND x_start < ?
        """
      arguments += region.columns
    }
    return try Row.fetchAll(
      database, sql: sql + " ORDER BY z_start, y_start, x_start, id", arguments: arguments
    ).map { row in CoverageBox(try row.box(), classID: row["class_id"], runID: row["run_id"]) }
  }
}
