// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog
public import Segmentation
import VolumeDatabase

/// What an evaluation found.
public struct EvaluationOutcome: Hashable, Sendable {
  /// The scores of a class.
  public struct ClassScore: Hashable, Sendable {
    /// The key of the class.
    public let classID: Int64
    /// Its canonical name.
    public let name: String
    /// Voxels that both versions cover, by what both say.
    public let counts: ConfusionCounts

    /// The scores by name, in the order in which they are shown: counts, then ratios.
    public var metrics: [(name: String, value: Double?)] {
      [
        ("true_positives", Double(counts.truePositives)), ("false_positives", Double(counts.falsePositives)),
        ("false_negatives", Double(counts.falseNegatives)), ("true_negatives", Double(counts.trueNegatives)),
        ("dice", counts.dice), ("iou_foreground", counts.iouForeground), ("iou_mean", counts.iouMean),
        ("precision", counts.precision), ("recall", counts.recall),
      ]
    }

    /// Why a score is undefined, or `nil` if it is defined.
    public func reason(_ metric: String) -> String? {
      guard metrics.contains(where: { $0.name == metric && $0.value == nil }) else { return nil }
      if counts.total == 0 { return "no voxel is covered by both" }
      let (predicted, actual) = (
        counts.truePositives + counts.falsePositives, counts.truePositives + counts.falseNegatives
      )
      if predicted + actual == 0 { return "neither has a voxel of the class" }
      if metric == "precision" { return "the prediction has no voxel of the class" }
      return metric == "recall" ? "the truth has no voxel of the class" : "neither has background"
    }
  }

  /// The run that found it.
  public let runID: Int64
  /// What was scored.
  public let prediction: VersionRecord
  /// What it was scored against.
  public let truth: VersionRecord
  /// In voxels of level 0.
  public let region: Box
  /// The part of the split that was scored.
  public let part: SplitPart?
  /// By the truth's order of classes.
  public let scores: [ClassScore]

  init(_ plan: EvaluationPlan, counts: [ConfusionCounts], runID: Int64) {
    self.runID = runID
    prediction = plan.prediction.record
    truth = plan.truth.record
    region = plan.region
    part = plan.part
    scores = zip(plan.classes, counts).map { one, counts in
      ClassScore(classID: one.id, name: one.name, counts: counts)
    }
  }

  /// The rows of the catalog.
  var records: [EvaluationRecord] {
    scores.flatMap { score in
      score.metrics.map { metric in
        EvaluationRecord(
          runID: runID, predictionID: prediction.id, truthID: truth.id, region: region, part: part,
          classID: score.classID, metric: metric.name, value: metric.value,
          reason: score.reason(metric.name))
      }
    }
  }
}
