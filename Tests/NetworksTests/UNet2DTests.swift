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

  @Test("the gradient of each parameter is the slope of the result along it", arguments: BackendKind.allCases)
  func gradients(backend: BackendKind) throws {
    let (graph, start) = try Self.network([3, 4])
    var parameters = start
    let input = randomTensor([2, 1, 2, 8, 6], seed: 22)
    let plan = try Plan(graph, inputShape: input.shape, mode: .training, backend: backend, threads: 1)
    let direction = randomTensor(plan.outputShape, seed: 23)
    try plan.load(parameters)
    _ = try plan.forward(input)
    let gradients = try plan.backward(direction)
    for (name, gradient) in gradients where name.hasSuffix("weight") {
      let position = try #require(parameters.position(of: name))
      let index = gradient.count / 2
      let step: Float = 2e-3
      let slopes = try [step, -step].map { shift in
        let kept = parameters
        parameters[position: position].withMutableSpan { $0[index] += shift }
        defer { parameters = kept }
        try plan.load(parameters)
        return dot(try plan.forward(input), direction)
      }
      let slope = (slopes[0] - slopes[1]) / Double(2 * step)
      let found = Double(gradient.elements[index])
      // A step may change which voxel of a pooling window is the largest.
      #expect(abs(slope - found) < 2e-2 + 0.05 * abs(slope), "\(name): slope \(slope), gradient \(found)")
    }
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
