// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors
import Testing

/// A small network around one operation, so that a gradient must flow through it to its first layer.
struct OperationCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let graph: Graph
  let inputShape: [Int]

  init(_ name: String, _ shape: [Int], _ nodes: [Graph.Node]) {
    testDescription = name
    inputShape = shape
    let first = [
      Graph.Node("in", .input(channels: shape[1])),
      Graph.Node("first", .convolution(.same(shape[1], 5, kernel: [1, 1, 1])), ["in"]),
    ]
    guard let graph = try? Graph(first + nodes, output: nodes[nodes.count - 1].name) else {
      preconditionFailure("the case \(name) is a graph")
    }
    self.graph = graph
  }

  static func convolution(
    _ kernel: [Int], to: Int = 7, stride: [Int] = [1, 1, 1], padding: [Int]
  ) -> Convolution {
    Convolution(inputChannels: 5, outputChannels: to, kernel: kernel, stride: stride, padding: padding)
  }

  static let all: [OperationCase] = [
    OperationCase(
      "convolution 1×3×3", [2, 1, 2, 4, 5],
      [.init("op", .convolution(convolution([1, 3, 3], padding: [0, 1, 1])), ["first"])]),
    OperationCase(
      "convolution 3×3×3", [2, 2, 3, 4, 5],
      [.init("op", .convolution(convolution([3, 3, 3], padding: [1, 1, 1])), ["first"])]),
    OperationCase(
      "convolution 3×3×3 of one slice", [1, 2, 1, 4, 5],
      [.init("op", .convolution(convolution([3, 3, 3], padding: [1, 1, 1])), ["first"])]),
    OperationCase(
      "convolution 1×5×5 to one channel", [1, 1, 2, 6, 7],
      [.init("op", .convolution(convolution([1, 5, 5], to: 1, padding: [0, 2, 2])), ["first"])]),
    OperationCase(
      "convolution without padding, stride 2", [1, 1, 3, 7, 9],
      [
        .init(
          "op", .convolution(convolution([1, 3, 3], stride: [1, 2, 2], padding: [0, 0, 0])), ["first"])
      ]),
    OperationCase(
      "transposed convolution 1×2×2", [2, 1, 2, 3, 4],
      [
        .init(
          "op", .transposedConvolution(convolution([1, 2, 2], stride: [1, 2, 2], padding: [0, 0, 0])),
          ["first"])
      ]),
    OperationCase(
      "transposed convolution 1×1×1", [2, 1, 2, 3, 4],
      [.init("op", .transposedConvolution(convolution([1, 1, 1], padding: [0, 0, 0])), ["first"])]),
    OperationCase(
      "batch normalisation", [2, 1, 2, 3, 4],
      [
        .init("op", .batchNormalization(channels: 5, epsilon: 1e-5), ["first"]),
        .init("last", .convolution(convolution([1, 1, 1], padding: [0, 0, 0])), ["op"]),
      ]),
    OperationCase("exponential linear unit", [2, 1, 2, 3, 4], [.init("op", .elu(alpha: 1), ["first"])]),
    OperationCase(
      "batch normalisation and exponential linear unit", [2, 1, 2, 3, 4],
      [
        .init("op", .batchNormalization(channels: 5, epsilon: 1e-5), ["first"]),
        .init("act", .elu(alpha: 1), ["op"]),
        .init("last", .convolution(convolution([1, 1, 1], padding: [0, 0, 0])), ["act"]),
      ]),
    OperationCase(
      "sum, batch normalisation and exponential linear unit", [2, 1, 3, 5, 7],
      [
        .init("left", .convolution(convolution([1, 3, 3], to: 18, padding: [0, 1, 1])), ["first"]),
        .init("right", .convolution(convolution([3, 1, 1], to: 18, padding: [1, 0, 0])), ["first"]),
        .init("sum", .add, ["left", "right"]),
        .init("op", .batchNormalization(channels: 18, epsilon: 1e-5), ["sum"]),
        .init("act", .elu(alpha: 1), ["op"]),
        .init("again", .add, ["act", "right"]),
        .init("last", .convolution(.same(18, 3, kernel: [1, 1, 1])), ["again"]),
      ]),
    OperationCase(
      "max pooling 1×2×2", [2, 1, 3, 4, 6], [.init("op", .maxPooling(kernel: [1, 2, 2]), ["first"])]),
    OperationCase(
      "sum of two branches", [1, 1, 2, 3, 4],
      [
        .init("left", .convolution(convolution([1, 3, 3], padding: [0, 1, 1])), ["first"]),
        .init("right", .convolution(convolution([3, 1, 1], padding: [1, 0, 0])), ["first"]),
        .init("op", .add, ["left", "right"]),
      ]),
    OperationCase(
      "sum of a result with what it was made from", [1, 1, 2, 3, 4],
      [
        .init("left", .convolution(convolution([1, 3, 3], to: 5, padding: [0, 1, 1])), ["first"]),
        .init("op", .add, ["left", "first"]),
        .init("act", .elu(alpha: 1), ["op"]),
      ]),
  ]

  /// Parameters that are all away from their start, so that nothing hides behind a zero or a one.
  func parameters(seed: UInt64) -> Parameters {
    var parameters = graph.initialParameters(seed: seed)
    for position in 0..<parameters.count where parameters.names[position].hasPrefix("op.") {
      let name = parameters.names[position]
      parameters[position: position].withMutableSpan { elements in
        var random = SplitMix64(seed: seed, name: name)
        for index in elements.indices { elements[index] += random.uniform(0.1, 0.5) }
      }
    }
    return parameters
  }
}

/// Numbers in −1 ..< 1.
func randomTensor(_ shape: [Int], seed: UInt64) -> Tensor {
  var random = SplitMix64(seed: seed)
  return Tensor((0..<shape.reduce(1, *)).map { _ in random.uniform(-1, 1) }, shape: shape)
}

/// The sum of products, in double precision.
func dot(_ a: Tensor, _ b: Tensor) -> Double {
  zip(a.elements, b.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

@Suite("Gradients")
struct GradientTests {
  @Test(
    "the gradient of each parameter is the slope of the result along it",
    arguments: OperationCase.all, BackendKind.allCases)
  func finiteDifferences(_ example: OperationCase, backend: BackendKind) throws {
    let plan = try Plan(
      example.graph, inputShape: example.inputShape, mode: .training, backend: backend, threads: 1)
    let parameters = example.parameters(seed: 3)
    let input = randomTensor(example.inputShape, seed: 4)
    let direction = randomTensor(plan.outputShape, seed: 5)
    try plan.load(parameters)
    _ = try plan.forward(input)
    let gradients = try plan.backward(direction)
    #expect(
      gradients.names == example.graph.parameterSpecifications.filter { $0.role == .learned }.map(\.name))
    for (name, gradient) in gradients {
      let position = try #require(parameters.position(of: name))
      for index in Set([0, gradient.count / 3, gradient.count / 2, gradient.count - 1]) {
        let step: Float = 4e-3
        let slopes = try [step, -step].map { shift in
          var moved = parameters
          moved[position: position].withMutableSpan { $0[index] += shift }
          try plan.load(moved)
          return dot(try plan.forward(input), direction)
        }
        let slope = (slopes[0] - slopes[1]) / Double(2 * step)
        let found = Double(gradient.elements[index])
        #expect(
          abs(slope - found) < 2e-3 + 0.01 * abs(slope),
          "\(name)[\(index)] of \(example.testDescription): slope \(slope), gradient \(found)")
      }
    }
  }

  @Test(
    "both backends agree on results and gradients", arguments: OperationCase.all,
    [Plan.Mode.training, .inference])
  func backendsAgree(_ example: OperationCase, mode: Plan.Mode) throws {
    let parameters = example.parameters(seed: 11)
    let input = randomTensor(example.inputShape, seed: 12)
    var results: [Tensor] = []
    var gradients: [Parameters] = []
    for backend in BackendKind.allCases {
      let plan = try Plan(
        example.graph, inputShape: example.inputShape, mode: mode, backend: backend, threads: 2)
      try plan.load(parameters)
      results.append(try plan.forward(input))
      if mode == .training { gradients.append(try plan.backward(randomTensor(plan.outputShape, seed: 13))) }
    }
    #expect(largestDifference(results[0], results[1]) < 1e-5)
    guard mode == .training else { return }
    for (name, gradient) in gradients[0] {
      let other = try #require(gradients[1][name])
      #expect(largestDifference(gradient, other) < 1e-4, "\(name)")
    }
  }
}

/// The largest absolute difference of two tensors of one shape.
func largestDifference(_ a: Tensor, _ b: Tensor) -> Float {
  zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
