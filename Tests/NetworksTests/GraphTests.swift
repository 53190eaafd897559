// SPDX-License-Identifier: Apache-2.0

import Foundation
import Networks
import Tensors
import Testing

@Suite("Graph")
struct GraphTests {
  @Test("the published RS-UNet has 1,439,705 learned numbers")
  func parameterCount() throws {
    let graph = try RSUNet.graph()
    let learned = graph.parameterSpecifications.filter { $0.role == .learned }
    #expect(learned.reduce(0) { $0 + $1.shape.reduce(1, *) } == 1_439_705)
  }

  @Test("a published patch costs 149.5 GMAC")
  func cost() throws {
    let macs = try RSUNet.graph().multiplyAccumulates(inputShape: [1, 1, 18, 160, 160])
    #expect((Double(macs) / 1e9 * 10).rounded() / 10 == 149.5)
  }

  @Test("the published RS-UNet sees 16 slices and 80 voxels in y and x each way")
  func receptiveField() throws {
    let field = try RSUNet.graph().receptiveField
    #expect(field.alignment == [1, 8, 8])
    #expect(field.before == [16, 80, 80])
    #expect(field.after == [16, 80, 80])
    #expect(field.halo == [16, 80, 80])
  }

  @Test("logits have the size of the input, one channel a class")
  func outputShape() throws {
    let graph = try RSUNet.graph(widths: RSUNet.fastWidths, outputChannels: 3)
    #expect(try graph.outputShape(inputShape: [2, 1, 5, 16, 24]) == [2, 3, 5, 16, 24])
  }

  @Test("a size that pooling does not divide names the layer")
  func indivisible() throws {
    let graph = try RSUNet.graph()
    #expect(throws: NetworkError.self) { try graph.outputShape(inputShape: [1, 1, 5, 20, 16]) }
  }

  @Test("a graph survives JSON")
  func json() throws {
    let graph = try RSUNet.graph(widths: [3, 4, 5])
    let data = try JSONEncoder().encode(graph)
    #expect(try JSONDecoder().decode(Graph.self, from: data) == graph)
  }

  @Test("a graph written by a person is read, and one with an unknown operation is refused by its name")
  func handwritten() throws {
    func text(_ operation: String) -> Data {
      Data(
        """
        {"nodes": [{"name": "in", "operation": "input", "channels": 1},
                   {"name": "act", "operation": "\(operation)", "inputs": ["in"]}], "output": "act"}
        """.utf8)
    }
    let graph = try JSONDecoder().decode(Graph.self, from: text("elu"))
    #expect(graph.nodes[1].operation == .elu(alpha: 1))
    let reason =
      "\"act\" asks for an operation \"gelu\", but there are only input, convolution, "
      + "transposed_convolution, batch_normalization, elu, max_pooling, add"
    #expect(throws: NetworkError.invalidGraph(reason: reason)) {
      try JSONDecoder().decode(Graph.self, from: text("gelu"))
    }
  }

  @Test("a node may take only what comes before it")
  func order() {
    #expect(throws: NetworkError.self) {
      try Graph([.init("in", .input(channels: 1)), .init("a", .elu(alpha: 1), ["b"])], output: "a")
    }
    #expect(throws: NetworkError.self) {
      try Graph([.init("in", .input(channels: 1)), .init("in", .elu(alpha: 1), ["in"])], output: "in")
    }
  }

  @Test("initial weights depend on seed and name alone and stay within PyTorch's bound")
  func initialParameters() throws {
    let narrow = try RSUNet.graph(widths: [28, 36]).initialParameters(seed: 7)
    let wide = try RSUNet.graph().initialParameters(seed: 7)
    #expect(narrow["conv0.weight"] == wide["conv0.weight"])
    #expect(wide["conv0.weight"] != (try RSUNet.graph().initialParameters(seed: 8))["conv0.weight"])
    let elements = try #require(wide["conv1.conv2.weight"]).elements
    let bound = 1 / Float(36 * 27).squareRoot()
    #expect(elements.allSatisfy { abs($0) <= bound })
    let mean = elements.reduce(0, +) / Float(elements.count)
    #expect(abs(mean) < bound * 0.02)
    #expect(wide["conv1.bn1.running_var"]?.elements == Array(repeating: 1, count: 36))
  }
}
