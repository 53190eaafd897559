// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors

/// What a training keeps in memory, and how its network is made to fit.
struct TrainingMemory {
  /// What the network computes twice.
  let recomputation: Recomputation

  private let request: TrainingRequest
  private let graph: Graph
  private let inputShape: [Int]
  private let planeBytes: Int
  private let logitCount: Int
  private let validationShape: [Int]?

  /// The program with its libraries and what they compile.
  private static let program = 192 << 20

  /// The most bytes of planes that are kept for all pairs together, images and labels.
  static func planeBudgets(within memory: Int?) -> (images: Int, labels: Int) {
    let whole = min(1536 << 20, (memory ?? .max) / 4)
    return (whole / 3 * 2, whole / 3)
  }

  /// - Parameters:
  ///   - inputShape: N, C, D, H, W of a batch.
  ///   - planeBytes: Of all planes of all pairs.
  ///   - validationShape: D, H, W of a tile of validation, if there is one.
  /// - Throws: ``TrainingRunError/tooLittleMemory(given:needed:)``, or `NetworkError`.
  init(
    _ request: TrainingRequest, graph: Graph, inputShape: [Int], planeBytes: Int, logitCount: Int,
    validationShape: [Int]?
  ) throws {
    (self.request, self.graph, self.inputShape) = (request, graph, inputShape)
    (self.planeBytes, self.logitCount, self.validationShape) = (planeBytes, logitCount, validationShape)
    guard let memory = request.memory else {
      recomputation = .none
      return
    }
    let others = try Self.others(
      request, graph, inputShape, planeBytes: planeBytes, logitCount: logitCount, validationShape)
    do throws(NetworkError) {
      recomputation = try Recomputation.least(
        for: graph, inputShape: inputShape, backend: request.backend, precision: request.precision,
        threads: request.threads ?? 1, within: max(0, memory - others))
    } catch {
      guard case .tooLittleMemory(_, let needed) = error else { throw error }
      throw TrainingRunError.tooLittleMemory(given: memory, needed: needed + others)
    }
  }

  /// Bytes beside the network's own: weights and optimiser, batches that are made ahead, planes that are kept
  /// ready, the network that validates, and the program.
  var others: Int {
    get throws {
      try Self.others(
        request, graph, inputShape, planeBytes: planeBytes, logitCount: logitCount, validationShape)
    }
  }

  private static func others(
    _ request: TrainingRequest, _ graph: Graph, _ inputShape: [Int], planeBytes: Int, logitCount: Int,
    _ validationShape: [Int]?
  ) throws -> Int {
    // Weights as they are, as the network was given them, gradients, two moments, the average; and the
    // result while it is measured and kept.
    let weights = 4 * 8 * graph.learnedCount
    // The batch at hand, two ahead and one in the making.
    let batches = 4 * 4 * inputShape.reduce(1, *) * (1 + 2 * logitCount)
    let budgets = planeBudgets(within: request.memory)
    let bytes = program + weights + batches + min(planeBytes, budgets.images + budgets.labels)
    guard let validationShape else { return bytes }
    let plan = try Plan(
      graph, inputShape: [1, 1] + validationShape, mode: .inference, backend: request.backend,
      precision: request.precision, threads: request.threads ?? 1)
    return bytes + plan.memoryBytes
  }
}
