// SPDX-License-Identifier: Apache-2.0

import Catalog
import Foundation
import Networks
import Segmentation
import Training
import VolumeDatabase

/// Takes a run's steps, keeps its checkpoints and commits its model.
final class TrainingLoop {
  private let run: ActiveRun
  private let setup: TrainingSetup
  private let database: VolumeDatabase
  private let progress: any ProgressReporter
  private let cancellation: CancellationFlag
  private let folder: String
  private let trainer: Trainer
  private let began = Date()

  private var best: (score: Double, step: Int)?
  private var losses: [Double] = []
  private var pending: [MetricPoint] = []
  private var lastScore: Double?

  /// Steps between checkpoints.
  private static let saveEvery = 25

  private var last: String { "\(folder)/last.safetensors" }
  private var bestWeights: String { "\(folder)/best.safetensors" }

  init(
    _ run: ActiveRun, _ setup: TrainingSetup, in database: VolumeDatabase,
    progress: any ProgressReporter, cancellation: CancellationFlag
  ) throws {
    self.run = run
    self.database = database
    self.setup = setup
    self.progress = progress
    self.cancellation = cancellation
    folder = "\(run.folder)/checkpoints"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let last = "\(folder)/last.safetensors"
    var state = TrainingState(setup.graph, parameters: setup.initial)
    if FileManager.default.fileExists(atPath: last) {
      let (saved, facts) = try TrainingState.read(last, graph: setup.graph)
      guard facts["fingerprint"] == setup.fingerprint else {
        throw TrainingRunError.changed(
          run: run.id, what: "its labels, splits or settings are not what they were")
      }
      state = saved
      if let score = facts["best"].flatMap(Double.init), let step = facts["best_step"].flatMap(Int.init) {
        best = (score, step)
      }
      losses = (facts["losses"] ?? "").split(separator: " ").compactMap { Double($0) }
      lastScore = facts["score"].flatMap(Double.init)
    }
    trainer = try Trainer(
      setup.graph, state: state, settings: setup.settings, sampler: setup.sampler)
  }

  func perform() throws -> TrainingRun.Outcome {
    setup.notes.forEach(progress.note)
    let committed = try run.catalog.modelVersions(madeByRun: run.id)
      .first { $0.state == .committed }
    if let committed {
      removeCheckpoints()
      return outcome(committed.reference)
    }
    try run.catalog.removeMetrics(ofRun: run.id, after: trainer.state.step - 1)
    if trainer.state.step == 0 { try save() }
    try takeSteps()
    let model = try commit()
    removeCheckpoints()
    return outcome(model.reference)
  }

  /// Once the model is committed there is nothing left to be resumed.
  private func removeCheckpoints() { try? FileManager.default.removeItem(atPath: folder) }

  private func takeSteps() throws {
    let steps = setup.request.steps
    let first = trainer.state.step
    progress.begin(
      ProgressStage("training model:\(setup.request.model)", total: steps, unit: "steps"))
    progress.advance(to: first)
    defer { progress.end() }
    let started = Date()
    while trainer.state.step < steps {
      if run.isStopRequested(cancellation) {
        try save()
        throw StoppedOnRequest(run: run.id)
      }
      let step: Trainer.Step
      do {
        step = try trainer.step()
      } catch let error as TrainingError {
        // The state is still that of the last good step.
        try save()
        throw error
      }
      record(step)
      let done = trainer.state.step
      let isValidated = try validateIfDue(done)
      if isValidated || done % Self.saveEvery == 0 || done == steps { try save() }
      let rate = Double((done - first) * setup.request.batch) / Date().timeIntervalSince(started)
      progress.advance(to: done, detail: remark(rate))
      run.advance(to: done, of: steps)
    }
  }

  private func record(_ step: Trainer.Step) {
    losses.append(step.loss)
    if losses.count > 20 { losses.removeFirst() }
    pending.append(MetricPoint("loss", step: step.index, value: step.loss))
    pending.append(MetricPoint("learning_rate", step: step.index, value: step.rate))
    pending.append(MetricPoint("gradient_norm", step: step.index, value: step.gradientNorm))
  }

  /// The mean of the last twenty losses.
  private var loss: Double { losses.isEmpty ? .nan : losses.reduce(0, +) / Double(losses.count) }

  private func remark(_ patchesASecond: Double) -> String {
    var parts = ["loss \(Self.short(loss, 3))"]
    if let lastScore { parts.append("validation IoU \(Self.short(lastScore, 3))") }
    parts.append("\(Self.short(patchesASecond, 2)) patches/s")
    return parts.joined(separator: ", ")
  }

  private static func short(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  // MARK: Validation

  /// Measures the averaged weights on the validation part, and keeps them if they are the best so far.
  private func validateIfDue(_ done: Int) throws -> Bool {
    guard let validation = setup.validation, let every = setup.request.validateEvery,
      done % every == 0 || done == setup.request.steps
    else { return false }
    let model = try trainer.model()
    let plan = try Plan(
      setup.graph, inputShape: [1, 1] + validation.shape, mode: .inference,
      backend: setup.settings.backend, threads: setup.settings.threads)
    try plan.load(model)
    let scores = try validation.counts(plan).map(\.iouForeground)
    for (record, score) in zip(setup.classes, scores) {
      guard let score else { continue }
      let name = scores.count == 1 ? "" : "/\(record.name)"
      pending.append(
        MetricPoint("validation/iou_foreground\(name)", step: done - 1, value: score))
    }
    // A class that is in neither labels nor result has no score and is left out.
    let defined = scores.compactMap { $0 }
    guard !defined.isEmpty else { return true }
    let score = defined.reduce(0, +) / Double(defined.count)
    lastScore = score
    run.log("validated", ["step": "\(done)", "iou_foreground": "\(score)"])
    if score > best?.score ?? -1 {
      try Safetensors.write(model, metadata: ["step": "\(done)"], to: bestWeights)
      best = (score, done)
    }
    return true
  }

  // MARK: Checkpoints

  private func save() throws {
    var facts = ["fingerprint": setup.fingerprint, "losses": losses.map { "\($0)" }.joined(separator: " ")]
    if let best {
      facts["best"] = "\(best.score)"
      facts["best_step"] = "\(best.step)"
    }
    if let lastScore { facts["score"] = "\(lastScore)" }
    try trainer.state.write(to: last, facts: facts)
    try run.catalog.addMetrics(pending, toRun: run.id)
    var saved = ["step": "\(trainer.state.step)"]
    if !losses.isEmpty { saved["loss"] = "\(loss)" }
    run.log("saved", saved)
    pending = []
  }

  // MARK: The model

  private func commit() throws -> ModelVersionRecord {
    let weights = best == nil ? try trainer.model() : try CheckpointFile.read(bestWeights)
    let description = setup.description(steps: best?.step ?? trainer.state.step, best: best?.score)
    let version = try ModelStore.add(
      description, weights: weights, named: setup.request.model, parent: setup.parent,
      run: run.id, in: database)
    run.log("committed", ["model": version.reference])
    return version
  }

  private func outcome(_ model: String) -> TrainingRun.Outcome {
    TrainingRun.Outcome(
      run: run.id, model: model, steps: setup.request.steps, loss: loss,
      validation: best?.score, seconds: Date().timeIntervalSince(began))
  }
}
