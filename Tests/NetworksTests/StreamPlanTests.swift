// SPDX-License-Identifier: Apache-2.0

import Tensors
import Testing

@testable import Networks

@Suite("A network streamed along z")
struct StreamPlanTests {
  /// Sizes D, H, W (H and W multiples of the alignment), widths, and the tile's rows and columns.
  static let cases: [(size: [Int], widths: [Int], y: Range<Int>, x: Range<Int>)] = [
    ([1, 16, 24], [3, 4, 5], 0..<16, 0..<24),
    ([2, 32, 40], [3, 4, 5], 4..<20, 6..<33),
    ([3, 64, 48], [3, 4, 5], 40..<64, 0..<12),
    ([17, 40, 44], [3, 4, 5], 10..<26, 12..<28),
    ([33, 24, 20], [5, 6, 18], 7..<9, 3..<20),
    ([3, 208, 216], [4, 5, 6, 7, 8], 88..<128, 96..<112),
    ([9, 200, 192], [4, 5, 6, 7, 8], 0..<64, 120..<192),
    ([4, 48, 48], [16, 32, 48], 16..<32, 8..<40),
  ]

  static func network(_ widths: [Int], seed: UInt64, outputs: Int = 1) throws -> (Graph, Parameters) {
    let graph = try RSUNet.graph(widths: widths, outputChannels: outputs)
    var parameters = graph.initialParameters(seed: seed)
    for position in 0..<parameters.count where parameters.names[position].contains(".bn") {
      var random = SplitMix64(seed: seed, name: parameters.names[position])
      parameters[position: position].withMutableSpan { elements in
        for index in elements.indices { elements[index] += random.uniform(0.1, 0.6) }
      }
    }
    return (graph, parameters)
  }

  /// Streams a part and compares it with the crop of one pass over the whole.
  static func difference(
    _ graph: Graph, _ parameters: Parameters, size: [Int], planes: Range<Int>, y: Range<Int>, x: Range<Int>,
    precision: Precision = .float32, threads: Int = 2, slack: Int = StreamTiling.slack
  ) throws -> (largest: Float, spread: Float) {
    let input = randomTensor([1, 1] + size, seed: 5)
    let whole = try Plan(graph, inputShape: input.shape, mode: .inference)
    try whole.load(parameters)
    let expected = try whole.forward(input).elements
    let values = input.elements
    let plan = try StreamPlan(
      graph, size: size, y: y, x: x, precision: precision, threads: threads, slack: slack)
    try plan.load(parameters)
    var (largest, next): (Float, Int) = (0, planes.lowerBound)
    try plan.run(planes: planes) { z in
      let rows = plan.window.y.flatMap { y in
        plan.window.x.map { values[(z * size[1] + y) * size[2] + $0] }
      }
      return Tensor(rows, shape: [1, 1, 1, plan.window.y.count, plan.window.x.count])
    } output: { z, logits in
      #expect(z == next && logits.shape == [plan.channels, y.count, x.count])
      next += 1
      let found = logits.elements
      for channel in 0..<plan.channels {
        for (row, y) in y.enumerated() {
          for (column, x) in x.enumerated() {
            let value = found[(channel * logits.shape[1] + row) * logits.shape[2] + column]
            let wanted = expected[((channel * size[0] + z) * size[1] + y) * size[2] + x]
            largest = max(largest, abs(value - wanted))
          }
        }
      }
    }
    #expect(next == planes.upperBound)
    return (largest, (expected.max() ?? 0) - (expected.min() ?? 0))
  }

  @Test("gives in every tile what one pass over the whole gives", arguments: cases.indices, [0, 12])
  func equalsOnePass(number: Int, slack: Int) throws {
    let (size, widths, y, x) = Self.cases[number]
    let (graph, parameters) = try Self.network(widths, seed: UInt64(number), outputs: 1 + number % 2)
    let found = try Self.difference(
      graph, parameters, size: size, planes: 0..<size[0], y: y, x: x, threads: 1 + number % 3, slack: slack)
    #expect(found.largest < 1e-5 * max(1, found.spread))
    #expect(found.spread > 0.01, "the network says something")
  }

  @Test("may begin and end at any plane", arguments: [0..<1, 0..<5, 3..<4, 12..<24, 30..<33, 1..<33])
  func planes(range: Range<Int>) throws {
    let (graph, parameters) = try Self.network([3, 4, 5], seed: 8)
    let found = try Self.difference(
      graph, parameters, size: [33, 16, 20], planes: range, y: 2..<16, x: 0..<17)
    #expect(found.largest < 1e-5)
  }

  @Test("has equal bits wherever it began")
  func bits() throws {
    let (graph, parameters) = try Self.network([4, 5, 6], seed: 9)
    let input = randomTensor([20, 1, 1, 24, 24], seed: 10).elements
    var planes: [Int: [Tensor]] = [:]
    for range in [0..<20, 3..<20, 7..<12] {
      let plan = try StreamPlan(graph, size: [20, 24, 24], y: 0..<24, x: 0..<24)
      try plan.load(parameters)
      try plan.run(planes: range) { z in
        Tensor(Array(input[z * 576..<(z + 1) * 576]), shape: [1, 1, 1, 24, 24])
      } output: { z, logits in
        planes[z, default: []].append(logits)
      }
    }
    #expect(planes.values.allSatisfy { same in same.allSatisfy { $0 == same[0] } })
    #expect(planes[8]?.count == 3)
  }

  @Test("stays right where a batch normalisation's variance is nearly zero")
  func smallVariance() throws {
    let (graph, start) = try Self.network([4, 5, 6], seed: 11)
    var parameters = start
    for name in parameters.names where name.hasSuffix("running_var") {
      parameters[name] = Tensor(repeating: 1e-7, shape: try #require(parameters[name]?.shape))
    }
    let found = try Self.difference(
      graph, parameters, size: [6, 32, 32], planes: 0..<6, y: 8..<24, x: 8..<24)
    #expect(found.spread.isFinite && found.largest < 1e-5 * max(1, found.spread))
  }

  @Test("runs networks with planes in their first kernel, activations and sums that stand alone")
  func otherNetworks() throws {
    let nodes: [Graph.Node] = [
      .init("in", .input(channels: 1)),
      .init("a", .convolution(.same(1, 6, kernel: [3, 3, 3])), ["in"]),
      .init("b", .convolution(.same(6, 6, kernel: [5, 1, 3])), ["a"]),
      .init("act", .elu(alpha: 1), ["a"]),
      .init("sum", .add, ["act", "b"]),
      .init("norm", .batchNormalization(channels: 6, epsilon: 1e-3), ["sum"]),
      .init("pool", .maxPooling(kernel: [1, 2, 1]), ["norm"]),
      .init(
        "up",
        .transposedConvolution(
          Convolution(
            inputChannels: 6, outputChannels: 6, kernel: [1, 2, 1], stride: [1, 2, 1], padding: [0, 0, 0])),
        ["pool"]),
      .init("join", .add, ["a", "up"]),
      .init("out", .convolution(.same(6, 2, kernel: [3, 1, 1])), ["join"]),
    ]
    let graph = try Graph(nodes, output: "out")
    for slack in [0, 12] {
      let found = try Self.difference(
        graph, graph.initialParameters(seed: 12), size: [7, 20, 18], planes: 1..<6, y: 4..<10, x: 5..<12,
        slack: slack)
      #expect(found.largest < 1e-5 && found.spread > 0.01)
    }
  }

  @Test("is refused by the name of the operation that pools along z")
  func refusal() throws {
    let graph = try Graph(
      [
        .init("in", .input(channels: 1)), .init("deep", .maxPooling(kernel: [2, 2, 2]), ["in"]),
      ], output: "deep")
    #expect(throws: NetworkError.notStreamable(node: "deep", reason: "it pools along z")) {
      try StreamPlan(graph, size: [4, 8, 8], y: 0..<4, x: 0..<4)
    }
  }

  @Test(
    "keeps to bfloat16 within a hundredth of the result's range", .enabled(if: Precision.bfloat16.isSupported)
  )
  func bfloat16() throws {
    let (graph, parameters) = try Self.network([16, 32, 48], seed: 13)
    let found = try Self.difference(
      graph, parameters, size: [6, 32, 32], planes: 0..<6, y: 8..<24, x: 8..<24, precision: .bfloat16)
    #expect(found.largest < 0.05 * found.spread && found.largest > 0)
  }

  @Test("is cut into tiles that keep to the memory counted before", arguments: [12, 20, 60])
  func memory(mebibytes: Int) throws {
    let graph = try RSUNet.graph(widths: [4, 5, 6, 7, 8])
    let size = [40, 512, 488]
    let budget = mebibytes << 20
    let tiling = try StreamTiling.best(
      graph, size: size, y: 0..<512, x: 0..<488, budget: budget, precision: .float32, threads: 2)
    #expect(tiling.bytes <= budget && tiling.overhead >= 0.99)
    for tile in StreamTiling.tiles(tiling.core, y: 0..<512, x: 0..<488) {
      let plan = try StreamPlan(graph, size: size, y: tile.y, x: tile.x)
      #expect(plan.memoryBytes <= budget)
    }
    #expect(throws: NetworkError.self) {
      try StreamTiling.best(
        graph, size: size, y: 0..<512, x: 0..<488, budget: 1 << 20, precision: .float32, threads: 2)
    }
  }
}
