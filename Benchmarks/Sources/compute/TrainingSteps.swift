// SPDX-License-Identifier: Apache-2.0

import Foundation
import Networks
import Tensors
import Training

/// Steps of a training of one batch that lies in memory: forward, loss, backward, optimiser.
struct TrainingSteps {
  let graph: Graph
  /// N, C, D, H, W.
  let shape: [Int]
  let threads: Int

  /// Takes a step that warms up and `count` more.
  ///
  /// - Returns: The seconds of the best, by the clock and of all processors; and the bytes of the network.
  func best(
    of count: Int, recomputation: Recomputation, precision: Precision
  ) throws -> (clock: Double, processor: Double, bytes: Int) {
    var settings = TrainingSettings(steps: count + 1, threads: threads)
    settings.augmentation = .none
    settings.precision = precision
    let trainer = try Trainer(
      graph, state: TrainingState(graph, parameters: graph.initialParameters(seed: 1)), settings: settings,
      sampler: OneBatch(shape: shape), recomputation: recomputation)
    _ = try trainer.step()
    var best = (clock: Double.infinity, processor: Double.infinity)
    for _ in 0..<count {
      let time = try measure { _ = try trainer.step() }
      best = (min(best.clock, time.clock), min(best.processor, time.processor))
    }
    return (best.clock, best.processor, trainer.memoryBytes)
  }
}

/// Gives one batch again and again.
private struct OneBatch: Sampler {
  let batch: Batch

  init(shape: [Int]) {
    let input = texture(shape)
    var target = Tensor(zeros: shape)
    target.withMutableSpan { values in
      for index in values.indices where index % 7 < 2 { values[index] = 1 }
    }
    batch = Batch(input: input, target: target, mask: Tensor(repeating: 1, shape: shape))
  }

  var inputShape: [Int] { batch.input.shape }

  func batch(_: BatchPurpose, step: Int) -> Batch { batch }
}

/// Grey values of −1 … 1.
func texture(_ shape: [Int]) -> Tensor {
  var input = Tensor(zeros: shape)
  input.withMutableSpan { values in
    for index in values.indices { values[index] = Float(index * 37 % 255) / 127.5 - 1 }
  }
  return input
}

/// The seconds that `body` takes, by the clock and of all processors.
func measure(_ body: () throws -> Void) rethrows -> (clock: Double, processor: Double) {
  let start = (clock: ContinuousClock.now, processor: clock())
  try body()
  return (
    (ContinuousClock.now - start.clock) / .seconds(1),
    Double(clock() - start.processor) / Double(CLOCKS_PER_SEC)
  )
}
