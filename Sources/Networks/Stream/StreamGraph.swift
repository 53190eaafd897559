// SPDX-License-Identifier: Apache-2.0

import Tensors

/// A network whose operations can be run plane after plane along z.
///
/// Nothing in it pools or strides along z, so that each node has as many planes as the input. A node's plane
/// z is computed when plane z + ``lags`` of the input has come: each kernel of three planes waits for one
/// more.
struct StreamGraph {
  /// Rewritten for inference.
  let graph: Graph

  /// How many planes each node stays behind the input.
  let lags: [Int]

  /// How many planes on each side of its own a node takes of its first input.
  let reaches: [Int]

  /// - Throws: ``NetworkError/notStreamable(node:reason:)``.
  init(_ original: Graph) throws(NetworkError) {
    let graph = original.fusedForInference()
    var (lags, reaches): ([Int], [Int]) = ([], [])
    for node in graph.nodes {
      if let reason = node.operation.faultInStream {
        throw .notStreamable(node: node.name, reason: reason)
      }
      let reach = node.operation.planarConvolution.map { $0.convolution.kernel[0] / 2 } ?? 0
      reaches.append(reach)
      lags.append((node.inputs.map { lags[graph.position(of: $0)] }.max() ?? 0) + reach)
    }
    (self.graph, self.lags, self.reaches) = (graph, lags, reaches)
  }

  /// Where the node's inputs stand.
  func sources(of node: Int) -> [Int] { graph.nodes[node].inputs.map { graph.position(of: $0) } }

  /// Where the result stands.
  var output: Int { graph.position(of: graph.output) }

  /// Which positions of each node the output in `core` depends on, along one axis; empty where none.
  ///
  /// - Parameter counts: How many positions each node has.
  func needs(of core: Range<Int>, axis: Int, counts: [Int]) -> [Range<Int>] {
    var needs = Array(repeating: 0..<0, count: graph.nodes.count)
    needs[output] = core
    for index in graph.nodes.indices.reversed() where !needs[index].isEmpty {
      let own = needs[index]
      let reach = graph.nodes[index].operation.inputRange(
        of: own.lowerBound...own.upperBound - 1, axis: axis)
      for (number, source) in sources(of: index).enumerated() {
        // What is added is taken where it lies.
        let wanted = number == 0 ? reach.lowerBound..<reach.upperBound + 1 : own
        let inside = max(0, wanted.lowerBound)..<min(counts[source], wanted.upperBound)
        needs[source] = needs[source].joined(inside)
      }
    }
    return needs
  }
}

extension Operation {
  /// The convolution, if it is one.
  var planarConvolution: (convolution: Convolution, isTransposed: Bool)? {
    switch self {
    case .convolution(let convolution): (convolution, false)
    case .transposedConvolution(let convolution): (convolution, true)
    case .fusedConvolution(let fused): (fused.convolution, fused.isTransposed)
    case .input, .batchNormalization, .elu, .maxPooling, .add: nil
    }
  }

  /// Why the operation cannot be run plane by plane in windows.
  fileprivate var faultInStream: String? {
    if case .maxPooling(let kernel) = self, kernel[0] != 1 { return "it pools along z" }
    guard let (convolution, isTransposed) = planarConvolution, !convolution.isPointwise else { return nil }
    if isTransposed {
      let isEnlarging = convolution.kernel == convolution.stride && convolution.padding == [0, 0, 0]
      return isEnlarging && convolution.kernel[0] == 1
        ? nil : "it is no transposed convolution whose kernel equals its stride, with one plane"
    }
    let keepsSize =
      convolution.stride == [1, 1, 1] && convolution.kernel.allSatisfy { $0 % 2 == 1 }
      && convolution.padding == convolution.kernel.map { $0 / 2 }
    return keepsSize ? nil : "it does not keep the size of its input"
  }
}

extension Range<Int> {
  /// The smallest range around both; an empty one counts for nothing.
  func joined(_ other: Range<Int>) -> Range<Int> {
    if isEmpty { return other }
    if other.isEmpty { return self }
    return Swift.min(lowerBound, other.lowerBound)..<Swift.max(upperBound, other.upperBound)
  }

  /// Whether all of the other lies inside.
  func covers(_ other: Range<Int>) -> Bool {
    lowerBound <= other.lowerBound && upperBound >= other.upperBound
  }
}
