// SPDX-License-Identifier: Apache-2.0

public import Networks
import Tensors

/// Where a training stands: enough to go on as if it had never stopped.
///
/// All random numbers depend on the seed and the step alone, so that none need keeping.
public struct TrainingState: Equatable, Sendable {
  /// How many updates there have been.
  public var step: Int
  /// The weights and running statistics as the optimiser sees them.
  public var parameters: Parameters
  /// The optimiser's moments, by learned parameter.
  public var moments: Adam.Moments
  /// The moving average of the learned parameters.
  public var average: Parameters

  /// The beginning of a training.
  ///
  /// - Parameters:
  ///   - parameters: All that `graph` needs, in its order.
  public init(_ graph: Graph, parameters: Parameters) {
    step = 0
    self.parameters = parameters
    var learned = Parameters()
    for wanted in graph.parameterSpecifications where wanted.role == .learned {
      learned[wanted.name] = parameters[wanted.name]
    }
    moments = Adam.Moments(like: learned)
    average = learned
  }

  /// Moves weights, moments, running statistics and average by one step.
  ///
  /// - Parameters:
  ///   - gradients: The sum over the batches of the step.
  ///   - norm: Of the mean of all gradients together.
  ///   - statistics: Those of each batch, under the names of the running ones.
  mutating func advance(
    by gradients: Parameters, norm: Double, rate: Double, statistics: [Parameters],
    _ settings: TrainingSettings
  ) {
    var scale: Float = 1
    if let longest = settings.gradientClip { scale = Float(min(1, longest / (norm + 1e-6))) }
    scale /= Float(settings.accumulation)
    settings.optimizer.update(
      &parameters, &moments, gradients: gradients, scale: scale, rate: rate, step: step)
    for batch in statistics { parameters.approach(batch, decay: 1 - Float(settings.batchNormMomentum)) }
    if let decay = settings.averageDecay {
      // The first weights weigh less than the decay alone would let them.
      let warm = min(decay, Double(1 + step) / Double(10 + step))
      average.approach(parameters, decay: Float(warm))
    }
    step += 1
  }

  private static let parts = ["parameters/", "first/", "second/", "average/"]

  /// Replaces the file at `path`: after a kill it is the old one or the new one.
  ///
  /// - Parameter facts: Free text that ``init(reading:graph:)`` gives back.
  /// - Throws: ``CheckpointError/unwritable(path:reason:)``.
  public func write(to path: String, facts: [String: String] = [:]) throws(CheckpointError) {
    var all = Parameters()
    let groups = [parameters, moments.first, moments.second, average]
    for (prefix, group) in zip(Self.parts, groups) {
      for (name, tensor) in group { all[prefix + name] = tensor }
    }
    try Safetensors.write(
      all, metadata: facts.merging(["step": "\(step)"]) { $1 }, to: path)
  }

  /// Reads a state that ``write(to:facts:)`` wrote.
  ///
  /// - Returns: The state and the facts.
  /// - Throws: ``CheckpointError``, or ``TrainingError/foreignState(path:reason:)`` if it is not that
  ///   of a training of `graph`.
  public static func read(
    _ path: String, graph: Graph
  ) throws -> (state: TrainingState, facts: [String: String]) {
    let contents = try Safetensors.read(path)
    guard let step = contents.metadata["step"].flatMap({ Int($0) }), step >= 0 else {
      throw TrainingError.foreignState(path: path, reason: "it does not tell its step")
    }
    var groups = [Parameters](repeating: Parameters(), count: parts.count)
    for wanted in graph.parameterSpecifications {
      for (index, prefix) in parts.enumerated() where index == 0 || wanted.role == .learned {
        guard let tensor = contents.parameters[prefix + wanted.name], tensor.shape == wanted.shape
        else {
          throw TrainingError.foreignState(path: path, reason: "it has no \(prefix)\(wanted.name)")
        }
        groups[index][wanted.name] = tensor
      }
    }
    var state = TrainingState(graph, parameters: groups[0])
    state.step = step
    state.moments = Adam.Moments(first: groups[1], second: groups[2])
    state.average = groups[3]
    return (state, contents.metadata)
  }
}
