// SPDX-License-Identifier: Apache-2.0

import Tensors

extension OneDNNExecutor {
  /// Appends the gradients of all operations, from the last to the first.
  func appendBackward(_ outputGradient: Buffer) throws(TensorError) {
    /// The gradient by each node's result, and whether it may be overwritten.
    var flowing: [(buffer: Buffer, isFree: Bool)?] = Array(repeating: nil, count: graph.nodes.count)
    flowing[graph.position(of: graph.output)] = (outputGradient, false)
    let given = givenUp
    for (index, node) in graph.nodes.enumerated().reversed() {
      guard let (arriving, isFree) = flowing[index] else { continue }
      let sources = node.inputs.map { graph.position(of: $0) }
      func pass(_ gradient: Buffer, isFree: Bool, to position: Int) throws(TensorError) {
        guard let (other, isOtherFree) = flowing[position] else {
          flowing[position] = (gradient, isFree)
          return
        }
        let (first, second) = isFree ? (gradient, other) : (other, gradient)
        let sum = try program.appendSum(of: first, second, .backward, isFree: isFree || isOtherFree)
        flowing[position] = (sum, true)
      }
      switch entries[index] {
      case .input: break
      case .convolution(let record, _):
        let made = try program.appendGradients(
          of: record, source: value(at: sources[0], given), arriving, needsInput: sources[0] > 0)
        gradients["\(node.name).weight"] = made.weight
        gradients["\(node.name).bias"] = made.bias
        if let input = made.input { try pass(input, isFree: true, to: sources[0]) }
      case .normalization(let record):
        let made = try program.appendGradients(
          of: record, source: value(at: sources[0], given), arriving, isFree: isFree)
        gradients["\(node.name).weight"] = made.scale
        gradients["\(node.name).bias"] = made.shift
        try pass(made.input, isFree: true, to: sources[0])
      case .unit(let record):
        let gradient = try program.appendGradient(of: record, arriving, isFree: isFree)
        try pass(gradient, isFree: true, to: sources[0])
      case .pooling(let record):
        try pass(program.appendGradient(of: record, arriving), isFree: true, to: sources[0])
      case .joined: try pass(arriving, isFree: isFree, to: sources[0])
      case .sum:
        // Both sides take one array: neither may overwrite it.
        for source in sources { try pass(arriving, isFree: false, to: source) }
      }
    }
  }
}
