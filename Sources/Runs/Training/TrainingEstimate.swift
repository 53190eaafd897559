// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
public import Networks
import Tensors
import Training
public import VolumeDatabase

/// What a training will be: every setting chosen, and what it takes, measured by a few steps.
public struct TrainingEstimate: Sendable {
  /// The request with every default chosen.
  public let request: TrainingRequest
  /// At which the network works, as in `40,8,8nm`.
  public let voxelSize: String
  /// What each logit is of.
  public let logits: [String]
  /// How many numbers are learned.
  public let parameterCount: Int
  /// How many there are; none without a validation part.
  public let validationCount: Int
  /// Bytes of the network in training and of all else: weights and optimiser, slices that are kept ready,
  /// the network that validates, and the program.
  public let memoryBytes: Int
  /// What the network computes twice, so that it fits the memory asked for.
  public let recomputation: Recomputation
  /// Operations a step, in 10⁹.
  public let gigaflopsAStep: Double
  /// How long one takes.
  public let secondsAStep: Double
  /// How long one takes, the new estimate of statistics included.
  public let secondsAValidation: Double
  /// What a person should know.
  public let notes: [String]

  /// How long everything takes.
  public var seconds: Double {
    secondsAStep * Double(request.steps) + secondsAValidation * Double(max(1, validationCount))
  }

  /// Measures a training that does not begin: a few steps, and one tile of validation.
  ///
  /// - Throws: ``TrainingRunError`` as the training would.
  public init(of asked: TrainingRequest, in database: VolumeDatabase) throws {
    let setup = try TrainingSetup(asked, in: database)
    let clock = ContinuousClock()
    func seconds(_ work: () throws -> Void) rethrows -> Double {
      let passed = try clock.measure(work).components
      return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
    }
    var settings = setup.settings
    settings.steps = 4
    let trainer = try Trainer(
      setup.graph, state: TrainingState(setup.graph, parameters: setup.initial), settings: settings,
      sampler: setup.sampler, recomputation: setup.memory.recomputation)
    // The first reads planes that the next have ready.
    _ = try trainer.step()
    var step = Double.infinity
    for _ in 0..<2 { step = min(step, try seconds { _ = try trainer.step() }) }
    secondsAStep = step
    // A forward pass is about a third of a step.
    var validation = Double(settings.statisticsBatches) * step / Double(3 * settings.accumulation)
    if let tiles = setup.validation {
      let plan = try Plan(
        setup.graph, inputShape: [1, 1] + tiles.shape, mode: .inference, backend: settings.backend,
        precision: settings.precision, threads: settings.threads)
      try plan.load(setup.initial)
      let input = Tensor(zeros: [1, 1] + tiles.shape)
      _ = try plan.forward(input)
      validation += Double(tiles.tiles.count) * (try seconds { _ = try plan.forward(input) })
    }
    secondsAValidation = validation
    request = setup.request
    voxelSize = "\(setup.voxelSize)"
    logits = setup.logits
    parameterCount = setup.graph.learnedCount
    let every = setup.request.validateEvery ?? 1
    validationCount = setup.validation == nil ? 0 : (setup.request.steps + every - 1) / every
    memoryBytes = try trainer.memoryBytes + setup.memory.others
    recomputation = setup.memory.recomputation
    gigaflopsAStep = try setup.gigaflopsAStep
    notes = setup.notes
  }

  /// The request whose steps fit a time, by a measurement.
  ///
  /// - Throws: ``TrainingRunError/badOption(_:reason:)`` if the time is too short for a single step.
  public static func fitted(
    _ asked: TrainingRequest, to seconds: Double, in database: VolumeDatabase
  ) throws -> TrainingRequest {
    var request = asked
    let estimate = try TrainingEstimate(of: request, in: database)
    let validations =
      estimate.validationCount == 0 ? 1 : request.validateEvery == nil ? 8 : 0
    var step = estimate.secondsAStep
    if let every = request.validateEvery, estimate.validationCount > 0 {
      step += estimate.secondsAValidation / Double(every)
    }
    let rest = seconds - Double(validations) * estimate.secondsAValidation
    guard rest >= step else {
      throw TrainingRunError.badOption(
        "--time",
        reason: "one step takes \(Self.rounded(estimate.secondsAStep)) s and a validation "
          + "\(Self.rounded(estimate.secondsAValidation)) s here, which does not fit")
    }
    request.steps = Int(rest / step)
    return request
  }

  private static func rounded(_ value: Double) -> String { String(format: "%.2f", value) }
}
