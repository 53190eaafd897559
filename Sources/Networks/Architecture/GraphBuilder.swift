// SPDX-License-Identifier: Apache-2.0

import Tensors

/// Nodes of a network in the making, each appended to the one before.
struct GraphBuilder {
  private(set) var nodes: [Graph.Node] = []

  /// The name of the newest node.
  var last: String { nodes[nodes.count - 1].name }

  /// Appends an operation on the newest node, or on the named one, and on a second one if it takes two.
  mutating func append(
    _ name: String, _ operation: Operation, of first: String? = nil, with second: String? = nil
  ) {
    let inputs = ((first ?? nodes.last?.name).map { [$0] } ?? []) + (second.map { [$0] } ?? [])
    nodes.append(Graph.Node(name, operation, inputs))
  }

  /// Appends a convolution that keeps the size.
  mutating func convolve(_ name: String, _ from: Int, _ to: Int, kernel: [Int], of input: String? = nil) {
    append(name, .convolution(.same(from, to, kernel: kernel)), of: input)
  }

  /// Appends a batch normalisation and an exponential linear unit.
  mutating func normalize(_ module: String, _ number: Int, _ channels: Int) {
    append("\(module).bn\(number)", .batchNormalization(channels: channels, epsilon: 1e-5))
    append("\(module).elu\(number)", .elu(alpha: 1))
  }

  /// Appends what doubles, or keeps, height and width by a transposed convolution.
  mutating func enlarge(_ name: String, _ from: Int, _ to: Int, by factor: Int) {
    let enlargement = Convolution(
      inputChannels: from, outputChannels: to, kernel: [1, factor, factor],
      stride: [1, factor, factor], padding: [0, 0, 0])
    append(name, .transposedConvolution(enlargement))
  }
}
