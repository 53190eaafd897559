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
  /// Validations since the best one.
  private var withoutGain = 0
  /// Seconds of steps since the last checkpoint, and how many of them were waited for patches.
  private var spent = (steps: 0, seconds: 0.0, waited: 0.0)
  private var whole = (seconds: 0.0, waited: 0.0)
  /// Operations a step, in 10⁹.
  private let gigaflops: Double

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
      withoutGain = facts["without_gain"].flatMap(Int.init) ?? 0
    }
    gigaflops = try setup.gigaflopsAStep
    trainer = try Trainer(
      setup.graph, state: state, settings: setup.settings, sampler: setup.sampler,
      recomputation: setup.memory.recomputation)
  }

  func perform() throws -> TrainingRun.Outcome {
    setup.notes.forEach(progress.note)
    let committed = try run.catalog.modelVersions(madeByRun: run.id)
      .first { $0.state == .committed }
    if let committed {
      removeCheckpoints()
      return outcome(committed.reference)
    }
    try run.removeMetrics(after: trainer.state.step - 1)
    if trainer.state.step == 0 { try save() }
    try takeSteps()
    let model = try commit()
    removeCheckpoints()
    return outcome(model.reference)
  }

  /// Once the model is committed there is nothing left to be resumed; weights that a person wanted to keep
  /// stay.
  private func removeCheckpoints() {
    let files = FileManager.default
    guard setup.request.keepEvery != nil else {
      try? files.removeItem(atPath: folder)
      return
    }
    for path in [last, bestWeights] { try? files.removeItem(atPath: path) }
  }

  /// Whether validations have long not become better.
  private var isExhausted: Bool { setup.request.patience.map { withoutGain >= $0 } ?? false }

  private func takeSteps() throws {
    let steps = setup.request.steps
    let first = trainer.state.step
    progress.begin(
      ProgressStage("training model:\(setup.request.model)", total: steps, unit: "steps"))
    progress.advance(to: first)
    defer { progress.end() }
    let clock = ContinuousClock()
    while trainer.state.step < steps, !isExhausted {
      if run.isStopRequested(cancellation) {
        try save()
        throw StoppedOnRequest(run: run.id)
      }
      let step: Trainer.Step
      do {
        let began = clock.now
        step = try trainer.step(limit: limit)
        let passed = began.duration(to: clock.now).components
        spent.steps += 1
        spent.seconds += Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
        spent.waited += step.waited
      } catch let error as TrainingError {
        // The state is still that of the last good step.
        try save()
        throw error
      }
      record(step)
      let done = trainer.state.step
      let isValidated = try validateIfDue(done)
      if let every = setup.request.keepEvery, done % every == 0 { try keep(done) }
      progress.advance(to: done, detail: remark())
      if isValidated || done % Self.saveEvery == 0 || done == steps { try save() }
      run.advance(to: done, of: steps)
    }
    if isExhausted && trainer.state.step < steps {
      progress.note(
        "stopped after \(trainer.state.step) of \(steps) steps: \(withoutGain) validations without a better one"
      )
      run.log("exhausted", ["step": "\(trainer.state.step)"])
    }
  }

  /// A loss above it has exploded.
  private var limit: Double { losses.count < 10 ? .infinity : 20 * max(1, loss) }

  private func record(_ step: Trainer.Step) {
    losses.append(step.loss)
    if losses.count > 20 { losses.removeFirst() }
    pending.append(MetricPoint("loss", step: step.index, value: step.loss))
    pending.append(MetricPoint("learning_rate", step: step.index, value: step.rate))
    pending.append(MetricPoint("gradient_norm", step: step.index, value: step.gradientNorm))
  }

  /// The mean of the last twenty losses.
  private var loss: Double { losses.isEmpty ? .nan : losses.reduce(0, +) / Double(losses.count) }

  private func remark() -> String {
    var parts = ["loss \(Self.short(loss, 3))"]
    if let lastScore { parts.append("validation IoU \(Self.short(lastScore, 3))") }
    let speed = speed
    parts.append("\(Self.short(speed.patches, 2)) patches/s")
    parts.append("\(Self.short(speed.gigaflops, 0)) GFLOP/s")
    parts.append("waiting \(Self.short(100 * speed.waiting, 1)) %")
    return parts.joined(separator: ", ")
  }

  /// Since the last checkpoint: patches and 10⁹ operations a second, and the share of time spent waiting
  /// for patches.
  private var speed: (patches: Double, gigaflops: Double, waiting: Double) {
    let seconds = max(1e-9, spent.seconds)
    let patches = setup.sampler.batch * setup.request.accumulation * spent.steps
    return (Double(patches) / seconds, gigaflops * Double(spent.steps) / seconds, spent.waited / seconds)
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
      backend: setup.settings.backend, precision: setup.settings.precision, threads: setup.settings.threads)
    try plan.load(model)
    let picture = setup.request.overlays ? ValidationPicture() : nil
    let scores = try validation.counts(plan, picture: picture).map(\.iouForeground)
    try picture?.write(to: "\(run.folder)/validation", step: done)
    for (logit, score) in zip(setup.logits, scores) {
      guard let score else { continue }
      let name = scores.count == 1 ? "" : "/\(logit)"
      pending.append(
        MetricPoint("validation/iou_foreground\(name)", step: done - 1, value: score))
    }
    // A class that is in neither labels nor result has no score and is left out; so is a boundary, which
    // is learned for the sake of the class.
    let classCount = scores.count - (setup.request.boundary ? 1 : 0)
    let defined = scores.prefix(classCount).compactMap { $0 }
    guard !defined.isEmpty else { return true }
    let score = defined.reduce(0, +) / Double(defined.count)
    lastScore = score
    run.log("validated", ["step": "\(done)", "iou_foreground": "\(score)"])
    if score > best?.score ?? -1 {
      try Safetensors.write(model, metadata: ["step": "\(done)"], to: bestWeights)
      best = (score, done)
      withoutGain = 0
    } else {
      withoutGain += 1
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
    facts["without_gain"] = "\(withoutGain)"
    if spent.steps > 0 {
      let (speed, step) = (speed, trainer.state.step - 1)
      pending.append(MetricPoint("time/patches_per_second", step: step, value: speed.patches))
      pending.append(MetricPoint("time/gigaflops_per_second", step: step, value: speed.gigaflops))
      pending.append(MetricPoint("time/waiting_share", step: step, value: speed.waiting))
    }
    whole.seconds += spent.seconds
    whole.waited += spent.waited
    spent = (0, 0, 0)
    // First the points: those after the checkpoint are taken away when the run goes on from it, but those
    // before it would be lost for good.
    try run.record(pending)
    pending = []
    try trainer.state.write(to: last, facts: facts)
    var saved = ["step": "\(trainer.state.step)"]
    if !losses.isEmpty { saved["loss"] = "\(loss)" }
    run.log("saved", saved)
  }

  /// Writes weights that stay when the run is over.
  private func keep(_ step: Int) throws {
    let digits = String(format: "%06d", step)
    try Safetensors.write(
      try trainer.model(), metadata: ["step": "\(step)", "format": "pt"],
      to: "\(folder)/step-\(digits).safetensors")
  }

  // MARK: The model

  private func commit() throws -> ModelVersionRecord {
    let chosen = setup.request.kept == .best ? best : nil
    let weights = chosen == nil ? try trainer.model() : try CheckpointFile.read(bestWeights)
    let description = setup.description(
      steps: chosen?.step ?? trainer.state.step,
      validation: setup.request.kept == .best ? best?.score : lastScore)
    let version = try ModelStore.add(
      description, weights: weights, named: setup.request.model, parent: setup.parent,
      run: run.id, in: database)
    run.log("committed", ["model": version.reference])
    return version
  }

  private func outcome(_ model: String) -> TrainingRun.Outcome {
    TrainingRun.Outcome(
      run: run.id, model: model, steps: trainer.state.step, loss: loss,
      validation: setup.request.kept == .best ? best?.score : lastScore,
      waitingShare: whole.seconds > 0 ? whole.waited / whole.seconds : nil,
      seconds: Date().timeIntervalSince(began))
  }
}
