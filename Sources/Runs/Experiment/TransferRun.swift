// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Foundation
public import VolumeDatabase

/// `vemdb experiment transfer`: does a network that learned from other tissues need fewer labels?
///
/// Networks are pretrained on source tissues, fine-tuned on a few slices of a target, and compared with
/// networks that begin at random, on a part of the target that none has seen a label of. All arms see the
/// same voxel size and patches and take equal steps; one more arm from scratch takes as many as pretraining
/// and fine-tuning together. Learning rates are chosen on a source tissue, never on the target. Every
/// training, prediction and score is a run of its own in the catalog.
public enum TransferRun {
  /// Runs the experiment.
  ///
  /// - Parameter began: Is told the run's number before anything else happens.
  /// - Throws: ``TrainingRunError`` before anything starts; ``StoppedOnRequest``; what a training or a
  ///   prediction throws.
  public static func start(
    _ request: TransferRequest, in database: VolumeDatabase, progress: any ProgressReporter,
    cancellation: CancellationFlag, began: (Int64) -> Void = { _ in }
  ) throws -> TransferOutcome {
    let setup = try TransferSetup(request, in: database)
    let description = try RunDescription(
      .experiment, settings: setup.request, seed: request.seed, inputs: setup.inputs)
    return try ActiveRun.perform(description, in: database.catalog, folder: database.layout.runs) { run in
      began(run.id)
      return try perform(run, setup, in: database, progress, cancellation)
    }
  }

  /// Goes on with an experiment that was stopped, failed or killed, in the middle of the arm it was at.
  ///
  /// - Throws: ``RunError``, and what ``start(_:in:progress:cancellation:began:)`` throws.
  public static func resume(
    _ id: Int64, in database: VolumeDatabase, progress: any ProgressReporter, cancellation: CancellationFlag
  ) throws -> TransferOutcome {
    let record = try database.catalog.run(id)
    guard record.kind == .experiment else {
      throw RunError.notResumable(run: id, kind: record.kind.rawValue)
    }
    let request = try JSONDecoder().decode(TransferRequest.self, from: Data(record.parameters.utf8))
    let setup = try TransferSetup(request, in: database)
    return try ActiveRun.resume(id, in: database.catalog, folder: database.layout.runs) { run in
      try perform(run, setup, in: database, progress, cancellation)
    }
  }

  private static func perform(
    _ run: ActiveRun, _ setup: TransferSetup, in database: VolumeDatabase,
    _ progress: any ProgressReporter, _ cancellation: CancellationFlag
  ) throws -> TransferOutcome {
    if !setup.newSplit.isEmpty { try database.setSplits(setup.newSplit, of: setup.truth.volume) }
    let work = try TransferWork(run, setup, in: database, progress, cancellation)
    let outcome = try work.perform()
    try outcome.write(to: run.folder)
    return outcome
  }
}

extension RunKind {
  /// Many runs that belong together, compared.
  public static let experiment = RunKind(rawValue: "experiment")
}
