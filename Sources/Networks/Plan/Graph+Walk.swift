// SPDX-License-Identifier: Apache-2.0

import Tensors

extension Graph {
  /// The position of the last node that takes each node's result; the output is taken at the end.
  var lastUses: [Int] {
    var last = Array(nodes.indices)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs { last[position(of: input)] = index }
    }
    last[position(of: output)] = nodes.count
    return last
  }

  /// Gradients by name, in the order of the graph; zero where the output does not depend on one.
  func ordered(_ gradients: [String: Tensor]) -> Parameters {
    var result = Parameters()
    for wanted in parameterSpecifications where wanted.role == .learned {
      result[wanted.name] = gradients[wanted.name] ?? Tensor(zeros: wanted.shape)
    }
    return result
  }
}
