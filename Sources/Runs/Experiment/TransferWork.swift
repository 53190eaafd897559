// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import VolumeDatabase

/// Goes through the arms of an experiment, each through the runs that the command line uses.
final class TransferWork {
  let run: ActiveRun
  let setup: TransferSetup
  let database: VolumeDatabase
  let progress: RelayedProgress
  let cancellation: CancellationFlag
  var journal: TransferJournal
  private var done = 0
  private var total = 0

  var request: TransferRequest { setup.request }
  var name: String { request.name ?? "transfer-\(run.id)" }
  private var pretrainSteps: Int { request.pretrainSteps ?? request.steps }

  init(
    _ run: ActiveRun, _ setup: TransferSetup, in database: VolumeDatabase,
    _ progress: any ProgressReporter, _ cancellation: CancellationFlag
  ) throws {
    self.run = run
    self.setup = setup
    self.database = database
    self.cancellation = cancellation
    self.progress = RelayedProgress(progress, run: run, cancellation: cancellation)
    journal = try TransferJournal(folder: run.folder)
  }

  func perform() throws -> TransferOutcome {
    setup.notes.forEach(progress.note)
    try estimate()
    let rates = try chosenRates()
    let bases = sourceSets.map { source in
      TransferArm(
        method: .pretrain, source: source, steps: pretrainSteps, rate: rates.scratch)
    }
    for arm in bases {
      try train(arm)
      // What it finds in the target without having seen a label of it.
      try score(arm)
    }
    var arms: [TransferArm] = []
    // Budget by budget, so that whoever stops early can compare what there is.
    for slices in setup.budgets {
      for repeated in 0..<request.seeds {
        arms += targetArms(slices, repeated, rates)
      }
    }
    for arm in arms {
      try train(arm)
      try score(arm)
    }
    return TransferOutcome(
      run: run.id, name: name, request: request, rates: rates,
      entries: (bases + arms).map { journal[$0] })
  }

  /// Which sources there are models of.
  private var sourceSets: [String] {
    if setup.sources.count == 1 { return setup.sources }
    return [TransferSetup.all] + (request.alone == .none ? [] : setup.sources)
  }

  private func targetArms(
    _ slices: Int?, _ repeated: Int, _ rates: TransferOutcome.Rates
  ) -> [TransferArm] {
    let tuned = request.alone == .finetune ? sourceSets : Array(sourceSets.prefix(1))
    var arms = tuned.map {
      TransferArm(
        method: .finetune, source: $0, slices: slices, repeated: repeated, steps: request.steps,
        rate: rates.finetune)
    }
    for (method, steps) in [
      (TransferArm.Method.scratch, request.steps), (.scratchLong, request.steps + pretrainSteps),
    ] {
      arms.append(
        TransferArm(
          method: method, slices: slices, repeated: repeated, steps: steps, rate: rates.scratch))
    }
    return arms
  }

  // MARK: Learning rates

  /// The rates of both kinds of arms, chosen on the last source: never on the target.
  private func chosenRates() throws -> TransferOutcome.Rates {
    if request.rates.count == 1 {
      return TransferOutcome.Rates(scratch: request.rates[0], finetune: request.rates[0], chosenOn: nil)
    }
    let tissue = setup.sources[setup.sources.count - 1]
    func best(_ arms: [TransferArm]) throws -> Double {
      var best = (score: -1.0, rate: arms[0].rate)
      for arm in arms {
        try train(arm)
        let score = journal[arm].validation ?? 0
        if score > best.score { best = (score, arm.rate) }
      }
      return best.rate
    }
    let scratch = try best(
      request.rates.map {
        TransferArm(
          method: .tuning, slices: setup.tuningSlices, steps: request.steps, rate: $0)
      })
    guard setup.sources.count > 1 else {
      progress.note("with one source the rate of fine-tuning is the default, 0.001")
      return TransferOutcome.Rates(scratch: scratch, finetune: 1e-3, chosenOn: tissue)
    }
    let base = TransferArm(
      method: .tuningBase, source: TransferSetup.others, steps: pretrainSteps, rate: scratch)
    try train(base)
    let finetune = try best(
      request.rates.map {
        TransferArm(
          method: .tuning, source: TransferSetup.others, slices: setup.tuningSlices,
          steps: request.steps, rate: $0)
      })
    progress.note("learning rates chosen on \(tissue): \(scratch) from scratch, \(finetune) for fine-tuning")
    return TransferOutcome.Rates(scratch: scratch, finetune: finetune, chosenOn: tissue)
  }

  // MARK: Time

  /// Says what there is to do and how long it takes, by a measured step.
  private func estimate() throws {
    let dummy = TransferOutcome.Rates(scratch: 1e-3, finetune: 1e-3, chosenOn: nil)
    var steps = sourceSets.count * pretrainSteps
    var predictions = sourceSets.count
    var trainings = sourceSets.count
    for slices in setup.budgets {
      let arms = targetArms(slices, 0, dummy)
      steps += request.seeds * arms.reduce(0) { $0 + $1.steps }
      predictions += request.seeds * arms.count
      trainings += request.seeds * arms.count
    }
    if request.rates.count > 1 {
      let isTuned = setup.sources.count > 1
      let runs = request.rates.count * (isTuned ? 2 : 1)
      steps += runs * request.steps + (isTuned ? pretrainSteps : 0)
      trainings += runs + (isTuned ? 1 : 0)
    }
    (done, total) = (0, trainings)
    var probe = training(
      TransferArm(method: .pretrain, source: sourceSets[0], steps: pretrainSteps, rate: 1e-3))
    probe.statisticsBatches = 0
    let measured = try TrainingEstimate(of: probe, in: database)
    // Of a step two thirds are backward; a prediction computes some context twice.
    let patch = Double((request.patch ?? []).reduce(1, *) * request.batch)
    let working = try request.voxelSize ?? database.version(setup.target.image).record.voxelSize
    let source = try database.version(setup.target.image).record.voxelSize
    let region = (0..<3).reduce(1.0) { product, axis in
      let factor = axis == 0 ? 1 : source.nanometres[axis] / working.nanometres[axis]
      return product * Double(setup.testRegion.extent[axis]) * factor
    }
    let prediction = 2 * measured.secondsAStep / 3 * region / max(1, patch)
    let statistics = 20.0 / 3 * measured.secondsAStep
    let seconds =
      Double(steps) * measured.secondsAStep + Double(trainings) * statistics
      + Double(predictions) * prediction
    progress.note(
      "\(trainings) trainings of \(steps) steps in all, \(predictions) predictions: about \(Self.clock(seconds)) here "
        + "(\(String(format: "%.2f", measured.secondsAStep)) s a step), less what is done already")
    run.log("estimated", ["seconds": "\(Int(seconds))", "trainings": "\(trainings)", "steps": "\(steps)"])
  }

  private static func clock(_ seconds: Double) -> String {
    seconds < 5400 ? "\(Int((seconds / 60).rounded(.up))) min" : String(format: "%.1f h", seconds / 3600)
  }

  /// Tells how far the experiment is.
  func advance() {
    done += 1
    run.advance(to: done, of: max(done, total))
  }
}
