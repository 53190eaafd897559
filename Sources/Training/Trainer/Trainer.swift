// SPDX-License-Identifier: Apache-2.0

public import Networks
import Tensors

/// Takes the steps of a training.
///
/// Equal settings, state and batches give equal bytes: a training that was stopped and resumed from a
/// saved state equals one that was not.
public final class Trainer {
  /// What one step did.
  public struct Step: Sendable {
    /// Which, from 0.
    public let index: Int
    /// Of the batch, before the update.
    public let loss: Double
    /// Before it was clipped.
    public let gradientNorm: Double
    /// The learning rate used.
    public let rate: Double
    /// For how many seconds it waited for its patches.
    public let waited: Double
  }

  /// The network.
  public let graph: Graph
  /// How it is trained.
  public let settings: TrainingSettings
  /// Where it stands.
  public private(set) var state: TrainingState

  private let sampler: any Sampler
  private let plan: Plan
  private let frozen: Set<String>
  private var queue: BatchQueue?

  /// Prepares the network for the sampler's batches.
  ///
  /// - Parameter recomputation: What is computed twice to save memory; it changes no byte of the result.
  /// - Throws: ``NetworkError`` if the network cannot take them or the state's parameters.
  public init(
    _ graph: Graph, state: TrainingState, settings: TrainingSettings, sampler: any Sampler,
    recomputation: Recomputation = .none
  ) throws(NetworkError) {
    self.graph = graph
    self.state = state
    self.settings = settings
    self.sampler = sampler
    frozen = Set(settings.frozen)
    plan = try Plan(
      graph, inputShape: sampler.inputShape, mode: .training, backend: settings.backend,
      precision: settings.precision, threads: settings.threads, recomputation: recomputation)
    try graph.check(state.parameters)
  }

  /// Bytes that the network holds while it trains.
  public var memoryBytes: Int { plan.memoryBytes }

  /// One step: batches, forward, loss, backward, update.
  ///
  /// - Parameter limit: A loss above it counts as diverged.
  /// - Throws: ``TrainingError/diverged(step:loss:gradientNorm:)`` if the loss or the gradient is not
  ///   finite or the loss above the limit; ``state`` is then unchanged. What the sampler throws.
  public func step(limit: Double = .infinity) throws -> Step {
    let index = state.step
    let queue = queue ?? trainingQueue()
    // After an error the next step begins with a queue of its own.
    self.queue = nil
    try plan.load(state.parameters)
    let parts = settings.accumulation
    var (loss, waited) = (0.0, 0.0)
    var sum = Parameters()
    var found: [Parameters] = []
    for _ in 0..<parts {
      let (batch, seconds) = try queue.next()
      waited += seconds
      let logits = try plan.forward(batch.input)
      let (value, slope) = settings.loss.value(logits: logits, target: batch.target, mask: batch.mask)
      loss += value / Double(parts)
      sum.add(try plan.backward(slope), leaving: frozen)
      found.append(statistics)
    }
    let norm = sum.norm / Double(parts)
    guard loss.isFinite, norm.isFinite, loss <= limit else {
      throw TrainingError.diverged(step: index, loss: loss, gradientNorm: norm)
    }
    let rate = settings.schedule.rate(at: index, of: settings.steps)
    state.advance(by: sum, norm: norm, rate: rate, statistics: found, settings)
    self.queue = queue
    return Step(index: index, loss: loss, gradientNorm: norm, rate: rate, waited: waited)
  }

  /// All batches from the state's step on, changed by the augmentation.
  private func trainingQueue() -> BatchQueue {
    let (sampler, settings, parts) = (sampler, settings, settings.accumulation)
    return BatchQueue(state.step * parts..<max(state.step + 1, settings.steps) * parts) { index in
      var batch = try sampler.batch(.training, step: index)
      settings.augmentation.apply(to: &batch, seed: settings.seed, step: index)
      return batch
    }
  }

  /// The model as it stands: averaged weights with statistics estimated anew, as the mean over
  /// ``TrainingSettings/statisticsBatches`` batches of all pairs (Izmailov et al. 2018,
  /// <https://doi.org/10.48550/arXiv.1803.05407>); the same at every call for the same state.
  ///
  /// - Throws: What the sampler throws, or ``NetworkError``.
  public func model() throws -> Parameters {
    var result = state.parameters
    if settings.averageDecay != nil {
      for (name, tensor) in state.average { result[name] = tensor }
    }
    guard settings.statisticsBatches > 0, !graph.batchNormalizations.isEmpty else { return result }
    try plan.load(result)
    let sampler = sampler
    let queue = BatchQueue(0..<settings.statisticsBatches) { try sampler.batch(.statistics, step: $0) }
    for index in 0..<settings.statisticsBatches {
      _ = try plan.forward(try queue.next().batch.input)
      result.approach(statistics, decay: 1 - 1 / Float(index + 1))
    }
    return result
  }

  /// The statistics of the last forward pass, under the names of the running ones.
  private var statistics: Parameters {
    let found = plan.batchStatistics
    var result = Parameters()
    for name in graph.batchNormalizations {
      guard let statistics = found[name] else { continue }
      result["\(name).running_mean"] = Tensor(statistics.mean, shape: [statistics.mean.count])
      result["\(name).running_var"] = Tensor(statistics.variance, shape: [statistics.variance.count])
    }
    return result
  }
}
