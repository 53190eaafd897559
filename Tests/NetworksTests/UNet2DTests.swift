// SPDX-License-Identifier: Apache-2.0

import Foundation
import Networks
import Tensors
import Testing

@Suite("The 2-D U-Net")
struct UNet2DTests {
  static func network(_ widths: [Int], outputs: Int = 1) throws -> (Graph, Parameters) {
    let graph = try UNet2D.graph(widths: widths, outputChannels: outputs)
    var parameters = graph.initialParameters(seed: 21)
    for position in 0..<parameters.count where parameters.names[position].contains(".bn") {
      var random = SplitMix64(seed: 21, name: parameters.names[position])
      parameters[position: position].withMutableSpan { elements in
        for index in elements.indices { elements[index] += random.uniform(0.1, 0.6) }
      }
    }
    return (graph, parameters)
  }

  @Test("has as many numbers as the published one with batch normalisation, and 960 biases of skips")
  func parameterCount() throws {
    let learned = try UNet2D.graph().parameterSpecifications.filter { $0.role == .learned }
    // The sum over the layers of the concatenating network, counted by PyTorch.
    let counts = learned.map { $0.shape.reduce(1, *) }
    let published = 31_042_369
    #expect(counts.reduce(0, +) == published + 960)
  }

  @Test("gives logits of the input's size, each slice from the same slice alone")
  func shapes() throws {
    let graph = try UNet2D.graph(widths: UNet2D.fastWidths, outputChannels: 3)
    #expect(try graph.outputShape(inputShape: [2, 1, 5, 32, 48]) == [2, 3, 5, 32, 48])
    #expect(graph.receptiveField.alignment == [1, 16, 16])
    #expect(graph.receptiveField.halo[0] == 0)
    #expect(throws: NetworkError.self) { try graph.outputShape(inputShape: [1, 1, 1, 24, 32]) }
    #expect(throws: NetworkError.self) { try UNet2D.graph(widths: [4]) }
  }

  @Test("survives JSON")
  func json() throws {
    let graph = try UNet2D.graph(widths: [3, 4, 5])
    #expect(try JSONDecoder().decode(Graph.self, from: JSONEncoder().encode(graph)) == graph)
  }

  /// Finite differences are wrong where a step changes which voxel of a pooling window is the largest: the
  /// result has a kink there. So each step is asked whether it does, and those that do are left out; what
  /// remains agrees as closely as the gradients of single operations do.
  @Test("the gradient of each parameter is the slope of the result along it", arguments: BackendKind.allCases)
  func gradients(backend: BackendKind) throws {
    let (graph, parameters) = try Self.network([3, 4])
    let input = randomTensor([2, 1, 2, 8, 6], seed: 22)
    let plan = try Plan(graph, inputShape: input.shape, mode: .training, backend: backend, threads: 1)
    let pool = try #require(graph["pool2"])
    let head = graph.nodes.prefix { $0.name != pool.name }
    let pooled = try Plan(
      Graph(Array(head), output: pool.inputs[0]), inputShape: input.shape, mode: .training, backend: backend,
      threads: 1)
    let direction = randomTensor(plan.outputShape, seed: 23)
    try plan.load(parameters)
    _ = try plan.forward(input)
    let gradients = try plan.backward(direction)
    let step: Float = 2e-3
    var (compared, left) = (0, 0)
    for (name, gradient) in gradients {
      let position = try #require(parameters.position(of: name))
      for index in Set([0, gradient.count / 3, gradient.count / 2, gradient.count - 1]) {
        var slope = 0.0
        var winners: Set<[Int]> = []
        for shift in [step, -step] {
          var moved = parameters
          moved[position: position].withMutableSpan { $0[index] += shift }
          try plan.load(moved)
          slope += dot(try plan.forward(input), direction) / Double(2 * shift)
          try pooled.load(moved)
          winners.insert(Self.winners(try pooled.forward(input)))
        }
        if winners.count > 1 {
          left += 1
          continue
        }
        compared += 1
        let found = Double(gradient.elements[index])
        #expect(
          abs(slope - found) < 2e-3 + 0.01 * abs(slope),
          "\(name)[\(index)]: slope \(slope), gradient \(found)")
      }
    }
    #expect(compared > 3 * left, "\(compared) compared, \(left) left out")
  }

  /// Which of the four voxels of each 2×2 window of the planes is the largest.
  private static func winners(_ tensor: Tensor) -> [Int] {
    let (height, width) = (tensor.shape[3], tensor.shape[4])
    let elements = tensor.elements
    var found: [Int] = []
    for plane in 0..<elements.count / (height * width) {
      for y in stride(from: 0, to: height, by: 2) {
        for x in stride(from: 0, to: width, by: 2) {
          let places = [0, 1, width, width + 1].map { plane * height * width + y * width + x + $0 }
          found.append(places.max { elements[$0] < elements[$1] } ?? 0)
        }
      }
    }
    return found
  }

  @Test("streamed in tiles gives what one pass over the whole gives")
  func streamed() throws {
    let (graph, parameters) = try Self.network([3, 5, 6], outputs: 2)
    for (y, x) in [(0..<16, 4..<36), (13..<40, 0..<7)] {
      let found = try StreamPlanTests.difference(
        graph, parameters, size: [3, 40, 36], planes: 1..<3, y: y, x: x)
      #expect(found.largest < 1e-5 * max(1, found.spread) && found.spread > 0.01)
    }
  }

  @Test("both backends agree in evaluation")
  func backends() throws {
    let (graph, parameters) = try Self.network([4, 6, 8])
    let input = randomTensor([1, 1, 2, 16, 24], seed: 24)
    let results = try BackendKind.allCases.map { backend in
      let plan = try Plan(graph, inputShape: input.shape, mode: .inference, backend: backend, threads: 2)
      try plan.load(parameters)
      return try plan.forward(input)
    }
    #expect(largestDifference(results[0], results[1]) < 1e-4)
  }
}
