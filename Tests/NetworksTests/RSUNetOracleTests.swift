// SPDX-License-Identifier: Apache-2.0

import Foundation
import Networks
import Tensors
import TestData
import Testing

@Suite("RS-UNet against PyTorch", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
struct RSUNetOracleTests {
  private static func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    let file = try NPYFile(path: SharedData.path("data/oracles/rsunet/\(name).npy"))
    let elements = file.type == "|u1" ? file.octets.map(Float.init) : file.floats
    return Tensor(elements, shape: shape)
  }

  private static func parameters() throws -> Parameters {
    try PyTorchCheckpoint.read(SharedData.path("data/oracles/rsunet/rsunet.pth"))
  }

  @Test("evaluation logits of the published network agree within 1e-4", arguments: BackendKind.allCases)
  func evaluation(backend: BackendKind) throws {
    let shape = [1, 1, 18, 64, 80]
    let plan = try Plan(RSUNet.graph(), inputShape: shape, mode: .inference, backend: backend)
    try plan.load(Self.parameters())
    let logits = try plan.forward(Self.tensor("eval_input_18x64x80", shape: shape))
    let expected = try Self.tensor("eval_logits_18x64x80", shape: shape)
    #expect(largestDifference(logits, expected) < 1e-4)
  }

  struct Expected: Decodable {
    let losses: [Double]
    let gradients: [String: [Double]]

    enum CodingKeys: String, CodingKey {
      case losses = "losses_steps_0_to_4"
      case gradients = "step0_grad_norm_and_first_element"
    }
  }

  @Test(
    "the first step's loss and gradient norms agree", arguments: BackendKind.allCases,
    ["dice", "dice_ce_w5"])
  func gradients(backend: BackendKind, loss name: String) throws {
    let data = try Data(contentsOf: SharedData.url("data/oracles/rsunet/training.json"))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let expected = try JSONDecoder().decode(
      Expected.self, from: JSONSerialization.data(withJSONObject: try #require(object[name])))
    let shape = [2, 1, 18, 48, 48]
    let plan = try Plan(RSUNet.graph(), inputShape: shape, mode: .training, backend: backend)
    try plan.load(Self.parameters())
    let logits = try plan.forward(Self.tensor("train_x_2x1x18x48x48", shape: shape))
    let target = try Self.tensor("train_y_2x1x18x48x48", shape: shape)
    let (loss, gradient) = diceLoss(logits, target, crossEntropyWeight: name == "dice" ? nil : 5)
    let reference = expected.losses[0]
    #expect(abs(loss - reference) < 1e-4 * reference)
    let gradients = try plan.backward(gradient)
    // A bias in front of a normalisation has no gradient but rounding noise.
    let noise = plan.graph.nodes.compactMap { node in
      if case .batchNormalization = node.operation { "\(node.inputs[0]).bias" } else { nil }
    }
    for (name, values) in expected.gradients where values[0] > 1e-6 && !noise.contains(name) {
      let found = try #require(gradients[name])
      let norm = dot(found, found).squareRoot()
      #expect(abs(norm - values[0]) < 2e-3 * values[0], "\(name)")
    }
  }

  /// Soft Dice with smoothing 1, plus the mean binary cross-entropy where a positive weight is given;
  /// with its gradient by the logits.
  private func diceLoss(
    _ logits: Tensor, _ target: Tensor, crossEntropyWeight weight: Double?
  ) -> (Double, Tensor) {
    let truth = target.elements.map(Double.init)
    let probability = logits.elements.map { 1 / (1 + exp(-Double($0))) }
    let product = zip(probability, truth).reduce(0) { $0 + $1.0 * $1.1 }
    let sum = probability.reduce(0, +) + truth.reduce(0, +) + 1
    let (top, number) = (2 * product + 1, Double(truth.count))
    var loss = 1 - top / sum
    var gradient: [Float] = []
    for (p, t) in zip(probability, truth) {
      var slope = -(2 * t * sum - top) / (sum * sum) * p * (1 - p)
      if let weight {
        loss -= (weight * t * log(p) + (1 - t) * log(1 - p)) / number
        slope += (p * (weight * t + 1 - t) - weight * t) / number
      }
      gradient.append(Float(slope))
    }
    return (loss, Tensor(gradient, shape: logits.shape))
  }
}
