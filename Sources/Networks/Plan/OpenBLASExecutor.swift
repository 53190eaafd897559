// SPDX-License-Identifier: Apache-2.0

import Tensors

/// Walks the graph node by node on plain tensors: the reference, and what runs where oneDNN is missing.
final class OpenBLASExecutor: Executor {
  private let graph: Graph
  private let mode: Plan.Mode
  private let threads: Int
  private let shapes: [[Int]]

  /// The last node that takes each node's result.
  private let lastUses: [Int]

  private var parameters = Parameters()
  private var values: [Tensor?] = []
  private var positions: [Int: [Int32]] = [:]
  private(set) var batchStatistics: [String: BatchNormalization.Statistics] = [:]

  init(_ graph: Graph, inputShape: [Int], mode: Plan.Mode, threads: Int) throws(NetworkError) {
    self.graph = graph
    self.mode = mode
    self.threads = threads
    shapes = try graph.shapes(inputShape: inputShape)
    lastUses = graph.lastUses
  }

  var memoryBytes: Int {
    let weights = parameters.elementCount
    if mode == .training { return 4 * (shapes.reduce(0) { $0 + 2 * $1.reduce(1, *) } + 2 * weights) }
    var (held, peak) = (0, 0)
    for index in graph.nodes.indices {
      held += shapes[index].reduce(1, *)
      peak = max(peak, held)
      for (used, last) in lastUses.enumerated() where last == index { held -= shapes[used].reduce(1, *) }
    }
    return 4 * (peak + weights)
  }

  func load(_ parameters: Parameters) { self.parameters = parameters }

  func forward(_ input: Tensor) -> Tensor {
    beginOpenBLAS(threads: threads)
    defer { endOpenBLAS() }
    values = Array(repeating: nil, count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() {
      values[index] = node.inputs.isEmpty ? input : result(of: node, at: index)
      guard mode == .inference else { continue }
      for used in 0...index where lastUses[used] == index { values[used] = nil }
    }
    let position = graph.position(of: graph.output)
    return value(at: position)
  }

  private func result(of node: Graph.Node, at index: Int) -> Tensor {
    let inputs = node.inputs.map { value(at: graph.position(of: $0)) }
    switch node.operation {
    case .input: return inputs[0]
    case .convolution(let convolution):
      return self.result(of: convolution, node.name, inputs[0], index, isTransposed: false)
    case .transposedConvolution(let convolution):
      return self.result(of: convolution, node.name, inputs[0], index, isTransposed: true)
    case .batchNormalization(_, let epsilon):
      return normalized(inputs[0], by: node.name, epsilon: epsilon)
    case .elu(let alpha): return ExponentialLinearUnit(alpha: alpha).forward(inputs[0])
    case .maxPooling(let kernel):
      let pooled = MaxPooling(kernel: kernel).forward(inputs[0])
      positions[index] = mode == .training ? pooled.positions : nil
      return pooled.output
    case .add:
      var sum = inputs[0]
      sum += inputs[1]
      return sum
    case .fusedConvolution(let fused): return self.result(of: fused, inputs, index)
    }
  }

  private func result(
    of convolution: Convolution, _ name: String, _ input: Tensor, _ index: Int, isTransposed: Bool
  ) -> Tensor {
    convolution.forward(
      input, weight: parameter("\(name).weight"), bias: parameter("\(name).bias"),
      size: Array(shapes[index].dropFirst(2)), isTransposed: isTransposed)
  }

  private func result(of fused: FusedConvolution, _ inputs: [Tensor], _ index: Int) -> Tensor {
    let (weight, bias) = fused.foldedParameters(of: parameters)
    var value = fused.convolution.forward(
      inputs[0], weight: weight, bias: bias, size: Array(shapes[index].dropFirst(2)),
      isTransposed: fused.isTransposed)
    for step in fused.tail {
      switch step {
      case .sum: value += inputs[1]
      case .normalize(let name, let epsilon): value = normalized(value, by: name, epsilon: epsilon)
      case .elu(let alpha): value = ExponentialLinearUnit(alpha: alpha).forward(value)
      }
    }
    return value
  }

  private func normalized(_ input: Tensor, by name: String, epsilon: Float) -> Tensor {
    let normalization = BatchNormalization(epsilon: epsilon)
    let statistics: BatchNormalization.Statistics
    if mode == .training {
      statistics = normalization.statistics(of: input)
      batchStatistics[name] = statistics
    } else {
      statistics = BatchNormalization.Statistics(
        mean: parameter("\(name).running_mean").elements, variance: parameter("\(name).running_var").elements)
    }
    return normalization.forward(
      input, weight: parameter("\(name).weight"), bias: parameter("\(name).bias"), statistics)
  }

  func backward(_ gradient: Tensor) -> Parameters {
    beginOpenBLAS(threads: threads)
    defer { endOpenBLAS() }
    var gradients: [String: Tensor] = [:]
    var flowing: [Tensor?] = Array(repeating: nil, count: graph.nodes.count)
    flowing[graph.position(of: graph.output)] = gradient
    for (index, node) in graph.nodes.enumerated().reversed() {
      guard let arriving = flowing[index] else { continue }
      flowing[index] = nil
      let needsInput = node.inputs.first != graph.nodes[0].name
      let source = node.inputs.first.map { graph.position(of: $0) } ?? 0
      func pass(_ tensor: Tensor?, to position: Int) {
        guard let tensor else { return }
        if flowing[position] == nil { flowing[position] = tensor } else { flowing[position]? += tensor }
      }
      func pass(_ convolution: Convolution, isTransposed: Bool) {
        let result = convolution.backward(
          value(at: source), weight: parameter("\(node.name).weight"), gradient: arriving,
          isTransposed: isTransposed, needsInput: needsInput)
        gradients["\(node.name).weight"] = result.weight
        gradients["\(node.name).bias"] = result.bias
        pass(result.input, to: source)
      }
      switch node.operation {
      case .input, .fusedConvolution: break
      case .convolution(let convolution): pass(convolution, isTransposed: false)
      case .transposedConvolution(let convolution): pass(convolution, isTransposed: true)
      case .batchNormalization(_, let epsilon):
        guard let statistics = batchStatistics[node.name] else { break }
        let result = BatchNormalization(epsilon: epsilon).backward(
          value(at: source), weight: parameter("\(node.name).weight"), statistics, gradient: arriving)
        gradients["\(node.name).weight"] = result.weight
        gradients["\(node.name).bias"] = result.bias
        pass(result.input, to: source)
      case .elu(let alpha):
        let unit = ExponentialLinearUnit(alpha: alpha)
        pass(unit.backward(output: value(at: index), gradient: arriving), to: source)
      case .maxPooling(let kernel):
        let pooling = MaxPooling(kernel: kernel)
        let spread = pooling.backward(
          positions: positions[index] ?? [], gradient: arriving, inputShape: shapes[source])
        pass(spread, to: source)
      case .add:
        pass(arriving, to: source)
        pass(arriving, to: graph.position(of: node.inputs[1]))
      }
      values[index] = nil
    }
    return graph.ordered(gradients)
  }

  private func value(at position: Int) -> Tensor {
    guard let value = values[position] else { preconditionFailure("the value is still needed") }
    return value
  }

  private func parameter(_ name: String) -> Tensor {
    guard let tensor = parameters[name] else { preconditionFailure("parameters are checked on loading") }
    return tensor
  }
}
