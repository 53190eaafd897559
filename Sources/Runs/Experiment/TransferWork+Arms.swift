// SPDX-License-Identifier: Apache-2.0

import Catalog
import Foundation
import Segmentation
import Tensors
import Training
import VolumeDatabase

extension TransferWork {
  /// The training of an arm.
  func training(_ arm: TransferArm) -> TrainingRequest {
    let pairs =
      switch arm.method {
      case .pretrain, .tuningBase: setup.pairs(of: arm.source)
      case .tuning: setup.pairs(of: setup.sources[setup.sources.count - 1])
      case .finetune, .scratch, .scratchLong: [request.target]
      }
    var training = TrainingRequest(
      model: "\(name)-\(arm.suffix)", pairs: pairs, classes: [request.className])
    training.steps = arm.steps
    training.learningRate = arm.rate
    training.slices = arm.slices
    training.seed = request.seed &+ UInt64(arm.repeated)
    training.preset = request.preset
    training.voxelSize = request.voxelSize
    training.patch = request.patch
    training.batch = request.batch
    training.backend = request.backend
    training.precision = request.precision ?? .float32
    training.threads = request.threads
    // A fixed number of steps, and no choice of weights on whatever part is kept for validation.
    training.kept = .last
    training.validateEvery = arm.steps
    if arm.method == .tuning { (training.folds, training.fold) = (4, 4) }
    let base: TransferArm? =
      switch arm.method {
      case .finetune: base(.pretrain, arm.source)
      case .tuning where !arm.source.isEmpty: base(.tuningBase, arm.source)
      default: nil
      }
    if let model = base.flatMap({ journal[$0].model }) {
      training.from = model.replacingOccurrences(of: "model:", with: "")
      training.voxelSize = nil
    }
    return training
  }

  private func base(_ method: TransferArm.Method, _ source: String) -> TransferArm? {
    journal.entries.first { $0.arm.method == method && $0.arm.source == source }?.arm
  }

  /// Trains an arm, goes on with it where it was stopped, or finds that it is done.
  func train(_ arm: TransferArm) throws {
    defer { advance() }
    try run.check(cancellation)
    let known = journal[arm]
    if known.model != nil { return }
    progress.note("\(name): \(describe(arm))")
    do {
      try finish(arm, known.trainingRun)
    } catch let error as TrainingError where arm.method == .tuning {
      // A rate that is too high loses; anywhere else it is a reason to stop.
      progress.note("\(error)")
      try journal.note(arm) { ($0.model, $0.validation) = ("none", 0) }
    }
  }

  /// Begins an arm's training or goes on with it.
  private func finish(_ arm: TransferArm, _ begun: Int64?) throws {
    let catalog = database.catalog
    var model: String?
    if let begun, try catalog.run(begun).state == .done {
      model = try catalog.modelVersions(madeByRun: begun).first { $0.state == .committed }?.reference
    } else if let begun {
      model = try TrainingRun.resume(begun, in: database, progress: progress, cancellation: cancellation)
        .model
    } else {
      let outcome = try TrainingRun.start(
        training(arm), in: database, progress: progress, cancellation: cancellation
      ) { id in
        try? journal.note(arm) { $0.trainingRun = id }
      }
      model = outcome.model
    }
    let run = try journal[arm].trainingRun.map { try catalog.metrics(ofRun: $0, named: Self.measure) }
    try journal.note(arm) { ($0.model, $0.validation) = (model, run?.last?.value) }
  }

  private static let measure = "validation/iou_foreground"

  /// Predicts the target's test part with an arm's model and scores it.
  func score(_ arm: TransferArm) throws {
    try run.check(cancellation)
    let known = journal[arm]
    guard !known.isScored, let model = known.model else { return }
    let volume = "\(setup.target.image.volume.dataset)/\(name)-\(arm.suffix)"
    let prediction: PredictionRun.Outcome
    if let id = known.predictionRun, try database.catalog.run(id).state != .done {
      prediction = try PredictionRun.resume(
        id, in: database, progress: progress, cancellation: cancellation)
      try journal.note(arm) { $0.prediction = prediction.versions[0].reference }
    } else if let id = known.predictionRun,
      let made = try database.catalog.versions(madeByRun: id).first(where: { $0.state == .committed })
    {
      try journal.note(arm) { $0.prediction = made.reference }
    } else {
      var request = PredictionRequest(
        model: model.replacingOccurrences(of: "model:", with: ""), image: "\(setup.target.image)",
        target: volume, threads: self.request.threads ?? 1)
      request.region = "\(setup.testRegion)"
      request.backend = self.request.backend
      request.precision = self.request.precision ?? .float32
      request.note = "\(describe(arm)), run \(run.id)"
      prediction = try PredictionRun.start(
        request, in: database, progress: progress, cancellation: cancellation
      ) { id in
        try? journal.note(arm) { $0.predictionRun = id }
      }
      try journal.note(arm) { $0.prediction = prediction.versions[0].reference }
    }
    guard let reference = journal[arm].prediction else { return }
    var evaluation = EvaluationRun(of: try VersionReference(parsing: reference), against: setup.truth)
    evaluation.part = .test
    evaluation.className = request.className
    evaluation.threads = request.threads ?? 1
    evaluation.isVoxelsOnly = true
    let outcome = try evaluation.start(in: database, progress: progress, cancellation: cancellation)
    let counts = outcome.scores.first?.counts
    let plan = try EvaluationPlan(evaluation, in: database)
    let columns = try setup.columns.map { column -> [Int] in
      try run.check(cancellation)
      let found = try plan.count(within: column).first ?? ConfusionCounts()
      return [found.truePositives, found.falsePositives, found.falseNegatives]
    }
    try journal.note(arm) { entry in
      entry.columns = columns
      entry.evaluationRun = outcome.runID
      (entry.iou, entry.dice, entry.isScored) = (counts?.iouForeground, counts?.dice, true)
    }
    run.log(
      "scored",
      ["arm": describe(arm), "iou_foreground": counts?.iouForeground.map { "\($0)" } ?? "undefined"])
  }

  private func describe(_ arm: TransferArm) -> String {
    let slices = arm.slices.map { "\($0) slices" } ?? "all labels"
    let from = arm.source.isEmpty ? "" : " \(arm.source)"
    return "\(arm.method.rawValue)\(from), \(slices), repetition \(arm.repeated + 1), rate \(arm.rate)"
  }
}
