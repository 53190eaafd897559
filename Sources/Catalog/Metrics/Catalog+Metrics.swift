// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Adds values to the time series of a run; a step that is there already, because the run was
  /// resumed before it, is replaced.
  /// - Parameter moment: When they were taken.
  public func addMetrics(
    _ points: [MetricPoint], toRun id: Int64, at moment: Timestamp = .now
  ) throws(CatalogError) {
    try write { database in
      let now = moment.rawValue
      let statement = try database.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO metric_point (run_id, name, step, value, nonfinite, recorded_at)
          VALUES (?, ?, ?, ?, ?, ?)
          """)
      for point in points {
        let spelling =
          point.value.isFinite
          ? nil : point.value.isNaN ? "NaN" : point.value > 0 ? "Infinity" : "-Infinity"
        try statement.execute(
          arguments: [id, point.name, point.step, point.value.isFinite ? point.value : nil, spelling, now])
      }
    }
  }

  /// Takes away what a run recorded after `step`, before it resumes from there.
  public func removeMetrics(ofRun id: Int64, after step: Int) throws(CatalogError) {
    try write { database in
      try database.execute(
        sql: "DELETE FROM metric_point WHERE run_id = ? AND step > ?", arguments: [id, step])
    }
  }

  /// The time series of a run by name and rising step, or one of them.
  public func metrics(ofRun id: Int64, named name: String? = nil) throws(CatalogError) -> [MetricPoint] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM metric_point WHERE run_id = ? AND name = coalesce(?, name) ORDER BY name, step
          """, arguments: [id, name]
      ).map { row in
        let value: Double =
          switch row["nonfinite"] as String? {
          case "NaN": .nan
          case "Infinity": .infinity
          case "-Infinity": -.infinity
          default: row["value"]
          }
        return MetricPoint(row["name"], step: row["step"], value: value)
      }
    }
  }
}
