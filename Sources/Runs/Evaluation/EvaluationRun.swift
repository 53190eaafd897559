// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Foundation
public import VolumeDatabase

/// `vemdb evaluate`: scores a prediction against a truth where both say something.
///
/// ```swift
/// var run = EvaluationRun(
///   of: try VersionReference(parsing: "ratliver/mito-pred"),
///   against: try VersionReference(parsing: "ratliver/mito"))
/// run.part = .test
/// let outcome = try run.start(in: database)
/// ```
///
/// A voxel counts if both versions cover it for the class: outside coverage a label is unknown, not
/// background. Values are compared by the class they stand for, so that 255 in one version and 1 in the
/// other are the same. Memory is bounded by one shard a thread.
public struct EvaluationRun: Codable, Hashable, Sendable {
  /// `dataset/volume@3`, what is scored.
  public var prediction: String
  /// `dataset/volume@3`, what it is scored against.
  public var truth: String
  /// As in `z=18:36,x=704:1024`, in voxels of the truth; `nil` is all of it.
  public var region: String?
  /// Only voxels of this part of the truth's volume.
  public var part: SplitPart?
  /// Only this class; by default every class that both have.
  public var className: String?
  /// How many threads read and compare.
  public var threads: Int

  /// Everything that both cover, for every class that both have.
  public init(of prediction: VersionReference, against truth: VersionReference) {
    self.prediction = "\(prediction)"
    self.truth = "\(truth)"
    threads = ProcessInfo.processInfo.activeProcessorCount
  }

  /// Scores, and enters the scores.
  ///
  /// - Throws: ``EvaluationError``, `DatabaseError` or `CatalogError`, before a run is entered where the
  ///   request is at fault; ``StoppedOnRequest``.
  public func start(
    in database: VolumeDatabase, progress: any ProgressReporter = SilentProgress(),
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> EvaluationOutcome {
    let plan = try EvaluationPlan(self, in: database)
    var settings = self
    // What `latest` meant now is what was scored.
    settings.prediction = "\(plan.prediction.reference)"
    settings.truth = "\(plan.truth.reference)"
    let description = try RunDescription(
      .evaluate, settings: settings,
      inputs: [
        RunInput("prediction", .version(plan.prediction.record.id)),
        RunInput("truth", .version(plan.truth.record.id)),
      ])
    return try ActiveRun.perform(description, in: database.catalog, folder: database.layout.runs) { run in
      progress.note("run \(run.id)")
      let counts = try plan.count(
        threads: threads, run: run, progress: progress, cancellation: cancellation)
      let outcome = EvaluationOutcome(plan, counts: counts, runID: run.id)
      try database.catalog.addEvaluations(outcome.records)
      return outcome
    }
  }
}
