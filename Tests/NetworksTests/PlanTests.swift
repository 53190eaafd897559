// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors
import Testing

@Suite("Plan")
struct PlanTests {
  /// A small RS-UNet with all parameters away from their start.
  static func network(seed: UInt64) throws -> (graph: Graph, parameters: Parameters) {
    let graph = try RSUNet.graph(widths: [5, 6, 18], outputChannels: 2)
    var parameters = graph.initialParameters(seed: seed)
    for position in 0..<parameters.count where parameters.names[position].contains(".bn") {
      var random = SplitMix64(seed: seed, name: parameters.names[position])
      parameters[position: position].withMutableSpan { elements in
        for index in elements.indices { elements[index] += random.uniform(0.1, 0.6) }
      }
    }
    return (graph, parameters)
  }

  @Test("equal input gives equal bits, and so does a second plan", arguments: BackendKind.allCases)
  func deterministic(backend: BackendKind) throws {
    let (graph, parameters) = try Self.network(seed: 1)
    let shape = [2, 1, 5, 16, 24]
    let input = randomTensor(shape, seed: 2)
    var results: [Tensor] = []
    var gradients: [Parameters] = []
    for _ in 0..<2 {
      let plan = try Plan(graph, inputShape: shape, mode: .training, backend: backend, threads: 2)
      try plan.load(parameters)
      for _ in 0..<2 {
        results.append(try plan.forward(input))
        gradients.append(try plan.backward(randomTensor(plan.outputShape, seed: 3)))
      }
    }
    #expect(results.allSatisfy { $0 == results[0] })
    #expect(gradients.allSatisfy { $0 == gradients[0] })
  }

  @Test(
    "computing again gives the same bits in less memory", arguments: Precision.allCases.filter(\.isSupported))
  func recomputation(precision: Precision) throws {
    // Of bfloat16 multiples of four lie as the passes of a normalisation want them, on every CPU that has it.
    let widths = precision == .float32 ? [18, 20, 33] : [20, 24, 36]
    let graph = try RSUNet.graph(widths: widths, outputChannels: 2)
    let shape = [2, 1, 6, 32, 32]
    let input = randomTensor(shape, seed: 2)
    var bytes: [Int] = []
    var gradients: [Parameters] = []
    for choice in Recomputation.allCases {
      let plan = try Plan(
        graph, inputShape: shape, mode: .training, precision: precision, recomputation: choice)
      try plan.load(graph.initialParameters(seed: 3))
      // The second pass begins with what the first left behind.
      for _ in 0..<2 {
        _ = try plan.forward(input)
        gradients.append(try plan.backward(randomTensor(plan.outputShape, seed: 4)))
      }
      bytes.append(plan.memoryBytes)
    }
    let isSame = gradients.allSatisfy { $0 == gradients[0] }
    #expect(isSame)
    // An architecture of oneDNN without blocked layouts has nothing to save.
    #expect(bytes[1] < bytes[0] && bytes[2] < bytes[1])
    func least(_ bytes: Int) throws -> Recomputation {
      try Recomputation.least(
        for: graph, inputShape: shape, backend: .oneDNN, precision: precision, threads: 2, within: bytes)
    }
    #expect(try least(bytes[0]) == .none && least(bytes[0] - 1) == .activations)
    #expect(try least(bytes[2]) == .blocks)
    #expect(throws: NetworkError.tooLittleMemory(given: bytes[2] - 1, needed: bytes[2])) {
      _ = try least(bytes[2] - 1)
    }
  }

  @Test("a network fused for inference agrees with the same network walked node by node")
  func fused() throws {
    let (graph, parameters) = try Self.network(seed: 4)
    let shape = [1, 1, 3, 8, 24]
    let input = randomTensor(shape, seed: 5)
    let results = try BackendKind.allCases.map { backend in
      let plan = try Plan(graph, inputShape: shape, mode: .inference, backend: backend)
      try plan.load(parameters)
      return try plan.forward(input)
    }
    #expect(largestDifference(results[0], results[1]) < 1e-5)
  }

  @Test("evaluation with the batch's own statistics repeats the training forward")
  func batchStatistics() throws {
    let (graph, parameters) = try Self.network(seed: 6)
    let shape = [1, 1, 4, 8, 8]
    let input = randomTensor(shape, seed: 7)
    for backend in BackendKind.allCases {
      let training = try Plan(graph, inputShape: shape, mode: .training, backend: backend)
      try training.load(parameters)
      let expected = try training.forward(input)
      let statistics = training.batchStatistics
      #expect(Set(statistics.keys) == Set(graph.batchNormalizations))
      var frozen = parameters
      for (name, values) in statistics {
        // Four slices of 8×8 voxels, halved in y and x at the coarser level: n / (n − 1) is taken back.
        let number: Float = name.hasPrefix("conv2") ? 64 : 256
        let count = values.mean.count
        let biased = values.variance.map { $0 * (number - 1) / number }
        frozen["\(name).running_mean"] = Tensor(values.mean, shape: [count])
        frozen["\(name).running_var"] = Tensor(biased, shape: [count])
      }
      let evaluation = try Plan(graph, inputShape: shape, mode: .inference, backend: backend)
      try evaluation.load(frozen)
      #expect(largestDifference(try evaluation.forward(input), expected) < 1e-4)
    }
  }

  @Test(
    "gradients in bfloat16 point where those in float32 do", .enabled(if: Precision.bfloat16.isSupported),
    arguments: [[4, 6, 18], RSUNet.fastWidths])
  func lowPrecision(widths: [Int]) throws {
    let graph = try RSUNet.graph(widths: widths)
    let parameters = graph.initialParameters(seed: 4)
    let shape = [2, 1, 5, 32, 32]
    var results: [(logits: Tensor, gradients: Parameters)] = []
    for precision in Precision.allCases {
      let plan = try Plan(graph, inputShape: shape, mode: .training, precision: precision)
      try plan.load(parameters)
      let logits = try plan.forward(randomTensor(shape, seed: 5))
      results.append((logits, try plan.backward(randomTensor(plan.outputShape, seed: 6))))
    }
    /// The angle's cosine, and the ratio of the lengths.
    func compare(_ a: [Float], _ b: [Float]) -> (cosine: Double, ratio: Double) {
      let product = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let lengths = [a, b].map { $0.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() }
      return (product / lengths[0] / lengths[1], lengths[1] / lengths[0])
    }
    let logits = compare(results[0].logits.elements, results[1].logits.elements)
    #expect(logits.cosine > 0.999 && abs(logits.ratio - 1) < 0.01)
    let all = results.map { result in
      (0..<result.gradients.count).flatMap { result.gradients[position: $0].elements }
    }
    let gradients = compare(all[0], all[1])
    #expect(gradients.cosine > 0.99 && abs(gradients.ratio - 1) < 0.03)
  }

  @Test("only oneDNN computes in bfloat16")
  func precisionOfBackends() throws {
    let graph = try RSUNet.graph(widths: [4, 6, 8])
    #expect(throws: NetworkError.unsupportedPrecision("bfloat16")) {
      _ = try Plan(
        graph, inputShape: [1, 1, 2, 8, 8], mode: .training, backend: .openBLAS, precision: .bfloat16)
    }
  }

  @Test("what does not fit is refused with its name")
  func refusals() throws {
    let (graph, parameters) = try Self.network(seed: 8)
    let plan = try Plan(graph, inputShape: [1, 1, 3, 8, 8], mode: .inference)
    var broken = parameters
    broken["conv2.bn1.running_var"] = nil
    #expect(throws: NetworkError.missingParameter(name: "conv2.bn1.running_var")) { try plan.load(broken) }
    broken = parameters
    broken["up3.bias"] = Tensor(zeros: [3])
    #expect(throws: NetworkError.parameterShape(name: "up3.bias", expected: [6], found: [3])) {
      try plan.load(broken)
    }
    try plan.load(parameters)
    #expect(throws: NetworkError.inputShape(expected: [1, 1, 3, 8, 8], found: [1, 1, 3, 8, 16])) {
      try plan.forward(Tensor(zeros: [1, 1, 3, 8, 16]))
    }
  }

  @Test("inference needs far less memory than training")
  func memory() throws {
    let graph = try RSUNet.graph(widths: RSUNet.fastWidths)
    let sizes = try [Plan.Mode.inference, .training].map { mode in
      try Plan(graph, inputShape: [1, 1, 8, 64, 64], mode: mode).memoryBytes
    }
    #expect(sizes[0] * 3 < sizes[1])
    // The skip of the finest level, a module's input, result and scratch, at 32 channels of 4 bytes.
    #expect(sizes[0] < 8 * 8 * 64 * 64 * 32 * 4)
  }
}
