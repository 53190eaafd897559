// SPDX-License-Identifier: Apache-2.0

import Foundation
import Networks
import Tensors
import Testing

@testable import Training

@Suite("Training state")
struct TrainingStateTests {
  @Test(
    "clipping, accumulation, running statistics and the moving average are what a calculation by hand gives")
  func oneStep() throws {
    let graph = try Graph(
      [
        Graph.Node("in", .input(channels: 1)),
        Graph.Node("op", .convolution(.same(1, 1, kernel: [1, 1, 1])), ["in"]),
        Graph.Node("bn", .batchNormalization(channels: 1, epsilon: 1e-5), ["op"]),
      ], output: "bn")
    var start = graph.initialParameters(seed: 1)
    start["op.weight"] = Tensor([1], shape: [1, 1, 1, 1, 1])
    start["op.bias"] = Tensor([-1], shape: [1])
    var state = TrainingState(graph, parameters: start)
    var settings = TrainingSettings(steps: 10)
    settings.gradientClip = 1
    settings.accumulation = 2
    settings.averageDecay = 0.99
    settings.batchNormMomentum = 0.1
    var gradients = Parameters()
    gradients["op.weight"] = Tensor([6], shape: [1, 1, 1, 1, 1])
    gradients["op.bias"] = Tensor([8], shape: [1])
    let statistics = ([5, 7] as [Float]).map { mean in
      var one = Parameters()
      one["bn.running_mean"] = Tensor([mean], shape: [1])
      return one
    }
    // The mean gradient is (3, 4), of length 5, and is shortened to (0.6, 0.8).
    state.advance(by: gradients, norm: 5, rate: 0.1, statistics: statistics, settings)
    func value(_ parameters: Parameters, _ name: String) throws -> Float {
      try #require(parameters[name]).elements[0]
    }
    func isNear(_ found: Float, _ wanted: Float) -> Bool { abs(found - wanted) < 1e-6 }
    #expect(try isNear(value(state.moments.first, "op.weight"), 0.06))
    #expect(try isNear(value(state.moments.first, "op.bias"), 0.08))
    #expect(try isNear(value(state.moments.second, "op.weight"), 0.00036))
    // The first step of Adam has the length of the rate.
    #expect(try isNear(value(state.parameters, "op.weight"), 0.9))
    #expect(try isNear(value(state.parameters, "op.bias"), -1.1))
    // 0 → 0.5 → 1.15.
    #expect(try isNear(value(state.parameters, "bn.running_mean"), 1.15))
    // A tenth of the old weight at the first step: the decay is (1 + step) / (10 + step) at most.
    #expect(try isNear(value(state.average, "op.weight"), 0.1 * 1 + 0.9 * 0.9))
    #expect(state.step == 1)
  }

  @Test("what was written is read, and equal states give equal bytes")
  func roundTrip() throws {
    let path = NSTemporaryDirectory() + "vemdb-state-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let graph = try RSUNet.graph(widths: [2, 3, 4])
    var state = TrainingState(graph, parameters: graph.initialParameters(seed: 3))
    state.step = 17
    state.moments.first["conv0.bias"] = Tensor([1, 2], shape: [2])
    try state.write(to: path, facts: ["best": "0.5"])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let (found, facts) = try TrainingState.read(path, graph: graph)
    #expect(found == state && facts["best"] == "0.5")
    try found.write(to: path, facts: ["best": "0.5"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    let other = try RSUNet.graph(widths: [2, 3, 5])
    #expect(throws: TrainingError.self) { _ = try TrainingState.read(path, graph: other) }
  }
}
