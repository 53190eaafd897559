// SPDX-License-Identifier: Apache-2.0

import Foundation
import Networks
import Tensors
import Testing
import Training

@Suite("Training state")
struct TrainingStateTests {
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
