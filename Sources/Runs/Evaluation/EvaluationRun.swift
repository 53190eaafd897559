// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Foundation
public import Segmentation
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
/// other are the same. Where the prediction has other voxels than the truth, it is read at the centres of the
/// truth's: the nearest label, or a probability between its neighbours. Objects of classes are connected
/// voxels inside what is compared; a prediction of objects that reaches beyond it is cut and labelled anew.
/// Memory is bounded by one block a thread, its surroundings, and a few numbers an object.
public struct EvaluationRun: Codable, Hashable, Sendable {
  /// `dataset/volume@3`, what is scored.
  public var prediction: String
  /// `dataset/volume@3`, what it is scored against.
  public var truth: String
  /// As in `z=18:36,x=704:1024`, in voxels of the truth; `nil` is all of it.
  public var region: String?
  /// Only voxels of this part of the truth's volume.
  public var part: SplitPart?
  /// Only this class; by default every class that both have. `foreground=mitochondrion` compares the
  /// prediction's class of the first name with the truth's of the second.
  public var className: String?
  /// Above which probability a voxel belongs to the class, where the prediction is of probabilities.
  public var threshold = 0.5
  /// Which voxels are neighbours when objects are made of classes.
  public var connectivity = Connectivity.faces
  /// Whether slices are taken for themselves, as they always are where only single slices are covered.
  public var isPerSlice = false
  /// Whether objects and boundaries are left out.
  public var isVoxelsOnly = false
  /// How often columns are drawn for intervals; 0 makes none.
  public var bootstrap = 0
  /// What the draws derive from.
  public var seed: UInt64 = 1
  /// Boundaries farther apart than this, in nm, are not told apart; 0 leaves their distances out.
  public var distanceLimit = 500.0
  /// Other versions that must cover a voxel too, so that scores of several predictions are of one set of
  /// voxels.
  public var alsoCovered: [String] = []
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
    try check()
    let plan = try EvaluationPlan(self, in: database)
    var settings = self
    // What `latest` meant now is what was scored.
    settings.prediction = "\(plan.prediction.reference)"
    settings.truth = "\(plan.truth.reference)"
    let description = try RunDescription(
      .evaluate, settings: settings, seed: bootstrap > 0 ? seed : nil,
      inputs: [
        RunInput("prediction", .version(plan.prediction.record.id)),
        RunInput("truth", .version(plan.truth.record.id)),
      ])
    return try ActiveRun.perform(description, in: database.catalog, folder: database.layout.runs) { run in
      progress.note("run \(run.id)")
      let scores = try plan.count(
        threads: threads, bootstrap: Bootstrap(count: bootstrap, seed: seed), run: run, progress: progress,
        cancellation: cancellation)
      let outcome = EvaluationOutcome(plan, scores: scores, runID: run.id)
      try database.catalog.addEvaluations(outcome.records)
      return outcome
    }
  }

  /// Checks what can be checked without a database.
  private func check() throws(EvaluationError) {
    if threads < 1 { throw .badOption("--threads", reason: "at least one is needed") }
    if !(threshold >= 0 && threshold < 1) {
      throw .badOption("--threshold", reason: "it lies between 0 and 1")
    }
    if !(0...1_000_000).contains(bootstrap) {
      throw .badOption("--bootstrap", reason: "it lies between 0 and 1000000")
    }
    if !(distanceLimit >= 0 && distanceLimit <= 100_000) {
      throw .badOption("--distance-limit", reason: "it lies between 0 and 100000 nm")
    }
  }
}
