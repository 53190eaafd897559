// SPDX-License-Identifier: Apache-2.0

import Catalog
public import VolumeDatabase

/// `vemdb compare`: scores several predictions against one truth, all on the same voxels.
///
/// Each is an ``EvaluationRun`` of its own that the catalog keeps. A voxel counts if the truth and all
/// predictions cover it, so that a prediction of the easy part alone has no advantage.
public struct ComparisonRun: Hashable, Sendable {
  /// What is scored.
  public var predictions: [VersionReference]
  /// What all are scored against, and how; its own prediction is not looked at.
  public var settings: EvaluationRun

  /// - Precondition: At least one prediction.
  public init(_ predictions: [VersionReference], against truth: VersionReference) {
    precondition(!predictions.isEmpty, "what is compared is named")
    self.predictions = predictions
    settings = EvaluationRun(of: predictions[0], against: truth)
  }

  /// Scores one prediction after the other.
  ///
  /// - Throws: ``EvaluationError`` and others before any run is entered where the request is at fault.
  public func start(
    in database: VolumeDatabase, progress: any ProgressReporter = SilentProgress(),
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> [EvaluationOutcome] {
    var references: [String] = []
    for prediction in predictions { references.append(try database.record(prediction).reference) }
    let runs = references.map { reference in
      var run = settings
      run.prediction = reference
      run.alsoCovered = references.filter { $0 != reference }
      return run
    }
    for run in runs { _ = try EvaluationPlan(run, in: database) }
    return try runs.map { run in
      try run.start(in: database, progress: progress, cancellation: cancellation)
    }
  }
}
