// SPDX-License-Identifier: Apache-2.0

import Tensors

extension Graph {
  /// The same network with as much as possible done inside the convolutions.
  ///
  /// A batch normalisation that alone follows a convolution is folded into its weights; a sum, then a
  /// normalisation, then an activation that follow become steps of the convolution's own pass. A sum
  /// is taken in only where its other side has no later use, since it is overwritten.
  func fusedForInference() -> Graph {
    var rewritten: [Graph.Node] = []
    var taken: Set<String> = []
    let users = self.users
    for node in nodes where !taken.contains(node.name) {
      guard var fused = FusedConvolution(node) else {
        rewritten.append(node)
        continue
      }
      var (last, inputs) = (node, node.inputs)
      while last.name != output, users[last.name]?.count == 1, let next = users[last.name]?.first,
        let addend = fused.take(next, after: last, isFree: isFree)
      {
        inputs += addend
        taken.insert(next.name)
        last = next
      }
      rewritten.append(Graph.Node(last.name, .fusedConvolution(fused), inputs))
    }
    // Fusing keeps the order: a node moves up to its convolution, whose other inputs stand before it.
    guard let graph = try? Graph(rewritten, output: output) else {
      preconditionFailure("a fused graph stays a graph")
    }
    return graph
  }

  private var users: [String: [Graph.Node]] {
    var users: [String: [Graph.Node]] = [:]
    for node in nodes { for input in node.inputs { users[input, default: []].append(node) } }
    return users
  }

  /// Whether `name` is computed before `convolution` and used by nothing but `sum` after it.
  private func isFree(_ name: String, sum: String, before convolution: String) -> Bool {
    let place = position(of: convolution)
    guard position(of: name) < place, name != output, position(of: name) > 0 else { return false }
    return nodes[place...].allSatisfy { $0.name == sum || !$0.inputs.contains(name) }
  }
}

extension FusedConvolution {
  fileprivate init?(_ node: Graph.Node) {
    switch node.operation {
    case .convolution(let convolution):
      self.init(convolution: convolution, isTransposed: false, parameters: node.name, tail: [])
    case .transposedConvolution(let convolution):
      self.init(convolution: convolution, isTransposed: true, parameters: node.name, tail: [])
    default: return nil
    }
  }

  /// Takes the next node in; nil if it cannot.
  ///
  /// - Returns: The further inputs that come with it.
  fileprivate mutating func take(
    _ next: Graph.Node, after last: Graph.Node, isFree: (String, String, String) -> Bool
  ) -> [String]? {
    if tail.contains(where: { if case .elu = $0 { true } else { false } }) { return nil }
    switch next.operation {
    case .batchNormalization(_, let epsilon):
      if tail.isEmpty && folded == nil {
        folded = .normalize(next.name, epsilon: epsilon)
      } else if isTransposed && !convolution.isPointwise {
        return nil
      } else {
        tail.append(.normalize(next.name, epsilon: epsilon))
      }
      return []
    case .elu(let alpha):
      tail.append(.elu(alpha: alpha))
      return []
    case .add:
      guard let other = next.inputs.first(where: { $0 != last.name }), tail.isEmpty,
        isFree(other, next.name, parameters)
      else { return nil }
      tail.append(.sum)
      return [other]
    default: return nil
    }
  }

  /// Weight and bias with the folded normalisation in them.
  ///
  /// - Precondition: `parameters` holds what the graph needs.
  func foldedParameters(of parameters: Parameters) -> (weight: Tensor, bias: Tensor) {
    guard var weight = parameters["\(self.parameters).weight"],
      var bias = parameters["\(self.parameters).bias"]
    else { preconditionFailure("parameters are checked on loading") }
    guard case .normalize(let name, let epsilon)? = folded else { return (weight, bias) }
    let (scales, shifts) = FusedConvolution.scalesAndShifts(of: name, epsilon: epsilon, in: parameters)
    let taps = convolution.kernel.reduce(1, *)
    weight.withMutableSpan { weight in
      for index in weight.indices {
        let channel = isTransposed ? index / taps % scales.count : index / (weight.count / scales.count)
        weight[index] = Float(Double(weight[index]) * scales[channel])
      }
    }
    bias.withMutableSpan { bias in
      for index in bias.indices { bias[index] = Float(Double(bias[index]) * scales[index] + shifts[index]) }
    }
    return (weight, bias)
  }

  /// What a batch normalisation multiplies each channel by and adds to it in evaluation.
  static func scalesAndShifts(
    of name: String, epsilon: Float, in parameters: Parameters
  ) -> (scales: [Double], shifts: [Double]) {
    func values(_ suffix: String) -> [Double] {
      guard let tensor = parameters["\(name).\(suffix)"] else {
        preconditionFailure("parameters are checked on loading")
      }
      return tensor.elements.map(Double.init)
    }
    let (weight, bias, mean) = (values("weight"), values("bias"), values("running_mean"))
    let scales = zip(weight, values("running_var")).map { $0 / ($1 + Double(epsilon)).squareRoot() }
    return (scales, scales.indices.map { bias[$0] - mean[$0] * scales[$0] })
  }
}
