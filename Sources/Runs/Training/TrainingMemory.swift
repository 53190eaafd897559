// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors

/// What a training keeps in memory, and how its network is made to fit.
struct TrainingMemory {
  /// Bytes beside the network's own: weights and optimiser, batches that are made ahead, planes that are kept
  /// ready, the network that validates, and the program.
  let others: Int
  /// What the network computes twice.
  let recomputation: Recomputation

  /// The most bytes of planes that are kept for all pairs together, images and labels.
  static func planeBudgets(within memory: Int?) -> (images: Int, labels: Int) {
    let whole = min(1536 << 20, (memory ?? .max) / 4)
    return (whole / 3 * 2, whole / 3)
  }

  /// The program with its libraries and what they compile.
  private static let program = 192 << 20

  /// - Parameters:
  ///   - inputShape: N, C, D, H, W of a batch.
  ///   - planeBytes: Of all planes of all pairs.
  /// - Throws: ``TrainingRunError/tooLittleMemory(given:needed:)``, or `NetworkError`.
  init(
    _ request: TrainingRequest, graph: Graph, inputShape: [Int], planeBytes: Int, logits: Int,
    validation: ValidationTiles?
  ) throws {
    let threads = request.threads ?? 1
    // Weights as they are, as the network was given them, gradients, two moments, the average; and the
    // result while it is measured and kept.
    let weights = 4 * 8 * graph.learnedCount
    // The batch at hand, two ahead and one in the making.
    let batches = 4 * 4 * inputShape.reduce(1, *) * (1 + 2 * logits)
    let budgets = Self.planeBudgets(within: request.memory)
    var others = Self.program + weights + batches + min(planeBytes, budgets.images + budgets.labels)
    if let validation {
      let plan = try Plan(
        graph, inputShape: [1, 1] + validation.shape, mode: .inference, backend: request.backend,
        threads: threads)
      others += plan.memoryBytes
    }
    self.others = others
    guard let memory = request.memory else {
      recomputation = .none
      return
    }
    do throws(NetworkError) {
      recomputation = try Recomputation.least(
        for: graph, inputShape: inputShape, backend: request.backend, threads: threads,
        within: max(0, memory - others))
    } catch {
      guard case .tooLittleMemory(_, let needed) = error else { throw error }
      throw TrainingRunError.tooLittleMemory(given: memory, needed: needed + others)
    }
  }
}
