// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog
public import Segmentation
import VolumeDatabase

/// What an evaluation found.
public struct EvaluationOutcome: Hashable, Sendable {
  /// One score.
  public struct Measure: Hashable, Sendable {
    /// As in `iou_foreground`.
    public let name: String
    /// `nil` where it is undefined.
    public let value: Double?
    /// Why it is undefined, or `nil` if it is defined.
    public let reason: String?
  }

  /// The scores of a class.
  public struct ClassScore: Hashable, Sendable {
    /// The key of the class.
    public let classID: Int64
    /// Its canonical name, as the truth has it.
    public let name: String
    /// Whether slices were taken for themselves.
    public let isPerSlice: Bool
    /// Voxels that both versions cover, by what both say.
    public let counts: ConfusionCounts
    /// The scores in the order in which they are shown: counts and ratios of voxels, then of objects and
    /// boundaries, then the bounds of intervals.
    public let metrics: [Measure]

    /// A score by its name.
    public subscript(_ name: String) -> Double? { metrics.first { $0.name == name }?.value }

    /// Why a score is undefined, or `nil` if it is defined.
    public func reason(_ metric: String) -> String? { metrics.first { $0.name == metric }?.reason }
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

  init(_ plan: EvaluationPlan, scores: [ClassScore], runID: Int64) {
    self.runID = runID
    prediction = plan.prediction.record
    truth = plan.truth.record
    region = plan.region
    part = plan.part
    self.scores = scores
  }

  /// The rows of the catalog.
  var records: [EvaluationRecord] {
    scores.flatMap { score in
      score.metrics.map { metric in
        EvaluationRecord(
          runID: runID, predictionID: prediction.id, truthID: truth.id, region: region, part: part,
          classID: score.classID, metric: metric.name, value: metric.value, reason: metric.reason)
      }
    }
  }
}
