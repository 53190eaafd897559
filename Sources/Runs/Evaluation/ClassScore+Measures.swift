// SPDX-License-Identifier: Apache-2.0

import Segmentation

extension EvaluationOutcome.ClassScore {

  /// The scores of a class, once all blocks were counted.
  init(
    _ one: EvaluationPlan.ComparedClass, _ tally: inout ScoreTally, isVoxelsOnly: Bool, distanceLimit: Double,
    bootstrap: Bootstrap
  ) {
    classID = one.id
    name = one.name
    isPerSlice = one.isPerSlice
    let byColumn = tally.counts.sorted { $0.key < $1.key }.map(\.value)
    let counts = byColumn.reduce(into: ConfusionCounts()) { $0 += $1 }
    self.counts = counts
    var metrics = Self.voxelMeasures(counts)
    var intervals: [EvaluationOutcome.Measure] = []
    func interval(_ name: String, _ found: (low: Double, high: Double)?) {
      let reason =
        found == nil ? "there are fewer than two columns of 1 µm in which it is defined" : nil
      intervals.append(EvaluationOutcome.Measure(name: "\(name)_low", value: found?.low, reason: reason))
      intervals.append(EvaluationOutcome.Measure(name: "\(name)_high", value: found?.high, reason: reason))
    }
    if bootstrap.count > 0 {
      for (name, score) in Self.ratios {
        interval(
          name, bootstrap.interval(byColumn, sum: { $0 += $1 }, zero: ConfusionCounts(), score: score))
      }
    }
    if !isVoxelsOnly {
      let objects = tally.objects()
      metrics += Self.objectMeasures(objects)
      if distanceLimit > 0 { metrics += Self.boundaryMeasures(tally.distances) }
      if bootstrap.count > 0 {
        for percent in [50, 75] {
          let found = objects.counts[percent] ?? [:]
          // A column without objects is drawn too.
          let columns = tally.counts.keys.sorted().map { found[$0] ?? ObjectCounts() }
          for (name, score) in Self.objectRatios(percent) {
            interval(name, bootstrap.interval(columns, sum: { $0 += $1 }, zero: ObjectCounts(), score: score))
          }
        }
      }
    }
    self.metrics = metrics + intervals
  }

  private static let ratios: [(String, @Sendable (ConfusionCounts) -> Double?)] = [
    ("dice", { $0.dice }), ("iou_foreground", { $0.iouForeground }), ("iou_mean", { $0.iouMean }),
    ("precision", { $0.precision }), ("recall", { $0.recall }),
  ]

  private static func objectRatios(_ percent: Int) -> [(String, (ObjectCounts) -> Double?)] {
    let both: [(String, (ObjectCounts) -> Double?)] = [
      ("ap_\(percent)", { $0.averagePrecision }), ("f1_\(percent)", { $0.f1 }),
    ]
    return percent == 50 ? both + [("panoptic_quality", { $0.panopticQuality })] : both
  }

  private static func voxelMeasures(_ counts: ConfusionCounts) -> [EvaluationOutcome.Measure] {
    let parts: [(String, Int)] = [
      ("true_positives", counts.truePositives), ("false_positives", counts.falsePositives),
      ("false_negatives", counts.falseNegatives), ("true_negatives", counts.trueNegatives),
    ]
    return parts.map { EvaluationOutcome.Measure(name: $0, value: Double($1), reason: nil) }
      + ratios.map { name, score in
        let value = score(counts)
        return EvaluationOutcome.Measure(
          name: name, value: value, reason: value == nil ? reason(name, counts) : nil)
      }
  }

  private static func reason(_ metric: String, _ counts: ConfusionCounts) -> String {
    if counts.total == 0 { return "no voxel is covered by both" }
    let predicted = counts.truePositives + counts.falsePositives
    let actual = counts.truePositives + counts.falseNegatives
    if predicted + actual == 0 { return "neither has a voxel of the class" }
    if metric == "precision" { return "the prediction has no voxel of the class" }
    return metric == "recall" ? "the truth has no voxel of the class" : "neither has background"
  }

  private static func objectMeasures(_ objects: ScoredObjects) -> [EvaluationOutcome.Measure] {
    var measures = [
      EvaluationOutcome.Measure(name: "objects_truth", value: Double(objects.actual), reason: nil),
      EvaluationOutcome.Measure(name: "objects_prediction", value: Double(objects.predicted), reason: nil),
    ]
    func add(_ name: String, _ value: Double?, _ reason: String) {
      measures.append(
        EvaluationOutcome.Measure(name: name, value: value, reason: value == nil ? reason : nil))
    }
    for percent in [50, 75] {
      for (name, score) in objectRatios(percent) {
        add(name, score(objects.total(percent)), "neither has an object")
      }
    }
    for percent in [50, 75] {
      for (name, score) in objectRatios(percent) {
        add(
          "\(name)_inner", score(objects.inner[percent] ?? ObjectCounts()),
          "neither has an object away from the edge of what is covered")
      }
    }
    add("adapted_rand_error", AdaptedRandError(objects.table).error, "no two voxels are of one object")
    let variation = VariationOfInformation(objects.table)
    add("vi_split", variation?.split, "no voxel is covered by both")
    add("vi_merge", variation?.merge, "no voxel is covered by both")
    return measures
  }

  private static func boundaryMeasures(_ distances: BoundaryDistances) -> [EvaluationOutcome.Measure] {
    [50, 95].map { percent in
      let value = distances.distance(share: Double(percent) / 100)
      let reason =
        distances.isDefined
        ? "more than \(100 - percent) % of the boundary is \(Int(distances.limit)) nm or more away"
        : "one of the two has no boundary"
      return EvaluationOutcome.Measure(
        name: "boundary_distance_\(percent)", value: value, reason: value == nil ? reason : nil)
    }
  }
}
