// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog
import Foundation
public import VolumeDatabase

/// `vemdb predict`: computes what a model finds in an image and stores it as a version.
///
/// A run that was stopped or killed goes on with ``resume(_:in:progress:cancellation:)`` and ends in the
/// same bytes as one that was not.
public enum PredictionRun {
  /// What a prediction gave.
  public struct Outcome: Hashable, Sendable {
    /// The run.
    public let run: Int64
    /// The version of labels, then those of probabilities.
    public let versions: [VersionRecord]
    /// The model, as in `model:mito@1`.
    public let model: String
    /// The image, as in `ratliver/em@1`.
    public let image: String
    /// What was predicted, in voxels of the image.
    public let coverage: [Box]
    /// The size of the tiles that were really used, without context, on the model's grid.
    public let tile: [Int]
    /// How long it took, since it began or was resumed.
    public let seconds: Double
  }

  /// Predicts.
  ///
  /// - Parameter began: Is told the run's number before anything else happens.
  /// - Throws: ``PredictionError`` or the database's error before anything starts; ``StoppedOnRequest``.
  public static func start(
    _ request: PredictionRequest, in database: VolumeDatabase, progress: any ProgressReporter,
    cancellation: CancellationFlag, began: (Int64) -> Void = { _ in }
  ) throws -> Outcome {
    let setup = try PredictionSetup(request, in: database)
    let description = try RunDescription(.predict, settings: setup.record, inputs: setup.inputs)
    return try ActiveRun.perform(description, in: database.catalog, folder: database.layout.runs) { run in
      began(run.id)
      return try perform(run, setup, in: database, progress, cancellation, isResumed: false)
    }
  }

  /// Goes on with a prediction that was stopped, failed or killed, after its last complete block.
  ///
  /// - Throws: ``RunError``, or ``PredictionError/changed(run:what:)`` if model, image or anything else
  ///   that decides the result is not what it was.
  public static func resume(
    _ id: Int64, in database: VolumeDatabase, progress: any ProgressReporter,
    cancellation: CancellationFlag
  ) throws -> Outcome {
    let found = try database.catalog.run(id)
    guard found.kind == .predict else {
      throw RunError.notResumable(run: id, kind: found.kind.rawValue)
    }
    let record = try JSONDecoder().decode(PredictionRecord.self, from: Data(found.parameters.utf8))
    let setup = try PredictionSetup(record.request, in: database)
    guard setup.fingerprint == record.fingerprint else {
      throw PredictionError.changed(run: id, what: "its model, image or tiling is not what it was")
    }
    return try ActiveRun.resume(id, in: database.catalog, folder: database.layout.runs) { run in
      try perform(run, setup, in: database, progress, cancellation, isResumed: true)
    }
  }

  private static func perform(
    _ run: ActiveRun, _ setup: PredictionSetup, in database: VolumeDatabase,
    _ progress: any ProgressReporter, _ cancellation: CancellationFlag, isResumed: Bool
  ) throws -> Outcome {
    let start = ContinuousClock.now
    // A run that was lost just after its commit has nothing left to do.
    var versions = try database.catalog.versions(madeByRun: run.id).filter { $0.state == .committed }
    if versions.count != 1 + setup.probabilities.count {
      let loop = PredictionLoop(
        run: run, setup: setup, database: database, progress: progress, cancellation: cancellation)
      versions = try loop.perform(isResumed: isResumed)
    }
    let elapsed = ContinuousClock.now - start
    return Outcome(
      run: run.id, versions: versions, model: setup.model.reference, image: setup.image.record.reference,
      coverage: setup.covered, tile: setup.tiling.core,
      seconds: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18)
  }
}
