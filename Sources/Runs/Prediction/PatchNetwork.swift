// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A network with its weights that is run on arrays of changing shape.
final class PatchNetwork {
  let graph: Graph
  let field: ReceptiveField
  let weights: Parameters
  private let backend: BackendKind
  private let threads: Int

  /// The plan of the last shape.
  private var plan: Plan?

  init(_ graph: Graph, weights: Parameters, backend: BackendKind, threads: Int) {
    self.graph = graph
    self.weights = weights
    self.backend = backend
    self.threads = threads
    field = graph.receptiveField
  }

  /// The probability of each class.
  ///
  /// - Parameter input: 1, 1, D, H, W.
  /// - Returns: 1, C, D, H, W.
  func probabilities(_ input: Tensor) throws(NetworkError) -> Tensor {
    if plan?.inputShape != input.shape {
      // The memory of the old plan goes before that of the new one comes.
      plan = nil
      let made = try Plan(
        graph, inputShape: input.shape, mode: .inference, backend: backend, threads: threads)
      try made.load(weights)
      plan = made
    }
    guard let plan else { preconditionFailure("a plan was made") }
    var result = try plan.forward(input)
    result.withMutableSpan { values in
      for index in values.indices { values[index] = 1 / (1 + expf(-values[index])) }
    }
    return result
  }

  /// How much memory a pass takes: some for each voxel, and some at all.
  func memory() throws(NetworkError) -> (perVoxel: Double, fixed: Double) {
    plan = nil
    let sizes = [8, 16].map { [1, 1, 4, $0 * field.alignment[1], 16 * field.alignment[2]] }
    var bytes: [Double] = []
    for shape in sizes {
      let plan = try Plan(graph, inputShape: shape, mode: .inference, backend: backend, threads: threads)
      try plan.load(weights)
      bytes.append(Double(plan.memoryBytes))
    }
    let voxels = sizes.map { Double($0.reduce(1, *)) }
    let classes = Double(try graph.outputShape(inputShape: sizes[0])[1])
    let slope = (bytes[1] - bytes[0]) / (voxels[1] - voxels[0])
    // Besides the plan: the input, the result, and what is kept of it.
    return (slope + 4 + 8 * classes, max(0, bytes[0] - slope * voxels[0]))
  }
}
