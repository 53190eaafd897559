// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Enters scores; a value that is no number counts as undefined.
  public func addEvaluations(_ scores: [EvaluationRecord]) throws(CatalogError) {
    try write { database in
      for score in scores {
        let value = score.value.flatMap { $0.isFinite ? $0 : nil }
        let reason = value == nil ? score.reason ?? "not a number" : nil
        let head: StatementArguments = [
          score.uuid, score.runID, score.predictionID, score.truthID, score.part?.rawValue, score.classID,
          score.metric, value, reason,
        ]
        try database.execute(
          sql: """
            INSERT INTO evaluation (uuid, run_id, prediction_id, truth_id, part, class_id, metric, value,
              reason, z_start, y_start, x_start, z_end, y_end, x_end)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, arguments: head + score.region.columns)
      }
    }
  }

  /// Scores in the order they were taken: all, or those of a prediction, a truth or a run.
  public func evaluations(
    ofPrediction prediction: Int64? = nil, against truth: Int64? = nil, run: Int64? = nil
  ) throws(CatalogError) -> [EvaluationRecord] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM evaluation WHERE prediction_id = coalesce(?, prediction_id)
            AND truth_id = coalesce(?, truth_id) AND run_id = coalesce(?, run_id) ORDER BY id
          """, arguments: [prediction, truth, run]
      ).map { row in
        EvaluationRecord(
          runID: row["run_id"], predictionID: row["prediction_id"], truthID: row["truth_id"],
          region: try row.box(), part: (row["part"] as String?).flatMap(SplitPart.init(rawValue:)),
          classID: row["class_id"], metric: row["metric"], value: row["value"], reason: row["reason"],
          uuid: row["uuid"])
      }
    }
  }
}
