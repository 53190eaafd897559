// SPDX-License-Identifier: Apache-2.0

import Catalog
import Foundation
import Training
public import VolumeDatabase

/// `vemdb train` and `vemdb finetune`: learns from pairs and adds a version of a model.
///
/// A run that was stopped or killed goes on with ``resume(_:in:progress:cancellation:)`` and ends in the
/// same bytes as one that was not.
public enum TrainingRun {
  /// What a training gave.
  public struct Outcome: Hashable, Sendable {
    /// The run.
    public let run: Int64
    /// The new version, as in `model:mito@1`.
    public let model: String
    /// How many updates there were; fewer than asked for if it stopped early.
    public let steps: Int
    /// The mean of the last losses.
    public let loss: Double
    /// The foreground IoU of the result on the validation part, on the working grid; none without one.
    public let validation: Double?
    /// The share of the steps' time in which the network waited for patches; none without steps.
    public let waitingShare: Double?
    /// How long it took, since it began or was resumed.
    public let seconds: Double
  }

  /// Trains.
  ///
  /// - Parameter began: Is told the run's number before anything else happens.
  /// - Throws: ``TrainingRunError`` before anything starts; ``StoppedOnRequest``;
  ///   ``TrainingError/diverged(step:loss:gradientNorm:)``.
  public static func start(
    _ request: TrainingRequest, in database: VolumeDatabase, progress: any ProgressReporter,
    cancellation: CancellationFlag, began: (Int64) -> Void = { _ in }
  ) throws -> Outcome {
    let setup = try TrainingSetup(request, in: database)
    let description = try RunDescription(
      setup.parent == nil ? .train : .finetune, settings: setup.request, seed: request.seed,
      inputs: setup.inputs)
    return try ActiveRun.perform(description, in: database.catalog, folder: database.layout.runs) { run in
      began(run.id)
      return try TrainingLoop(run, setup, in: database, progress: progress, cancellation: cancellation)
        .perform()
    }
  }

  /// Goes on with a training that was stopped, failed or killed, from its last checkpoint.
  ///
  /// - Throws: ``RunError``, or ``TrainingRunError/changed(run:what:)`` if labels, splits or anything
  ///   else that decides the result are not what they were.
  public static func resume(
    _ id: Int64, in database: VolumeDatabase, progress: any ProgressReporter,
    cancellation: CancellationFlag
  ) throws -> Outcome {
    let record = try database.catalog.run(id)
    guard record.kind == .train || record.kind == .finetune else {
      throw RunError.notResumable(run: id, kind: record.kind.rawValue)
    }
    var request = try TrainingRequest(recorded: record.parameters)
    // Of a fine-tuning it is the model's, and programs before this one wrote it down.
    if request.from != nil { request.voxelSize = nil }
    let setup = try TrainingSetup(request, in: database)
    return try ActiveRun.resume(id, in: database.catalog, folder: database.layout.runs) { run in
      try TrainingLoop(run, setup, in: database, progress: progress, cancellation: cancellation).perform()
    }
  }
}
