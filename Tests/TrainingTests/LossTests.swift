// SPDX-License-Identifier: Apache-2.0

import Tensors
import Testing
import Training

@Suite("Losses")
struct LossTests {
  private let logits: [Float] = [0.5, -1, 2, 0, 3, -2, 1.5, -0.25]
  private let target: [Float] = [1, 0, 1, 1, 0, 0, 0, 1]
  private let mask: [Float] = [1, 1, 1, 1, 1, 0, 1, 1]

  private func value(_ loss: Loss, _ logits: [Float]) -> (loss: Double, gradient: Tensor) {
    let shape = [2, 1, 1, 2, 2]
    return loss.value(
      logits: Tensor(logits, shape: shape), target: Tensor(target, shape: shape),
      mask: Tensor(mask, shape: shape))
  }

  @Test("values equal those that NumPy gives for the formulas, masked voxels left out")
  func values() {
    #expect(abs(value(Loss(.dice), logits).loss - LossTests.dice) < 1e-12)
    let both = value(Loss(.diceCrossEntropy, positiveWeight: 5), logits).loss
    #expect(abs(both - LossTests.dice - LossTests.entropy) < 1e-12)
    #expect(
      abs(value(Loss(.crossEntropy, positiveWeight: 5), logits).loss - LossTests.entropy) < 1e-12)
  }

  private static let dice = 0.37953012885234094
  private static let entropy = 2.237674327912008

  @Test("gradients equal finite differences and are zero where masked", arguments: Loss.Kind.allCases)
  func gradients(_ kind: Loss.Kind) {
    let loss = Loss(kind, positiveWeight: 3)
    let gradient = value(loss, logits).gradient.elements
    let step: Float = 0x1p-9
    for index in logits.indices {
      var (up, down) = (logits, logits)
      up[index] += step
      down[index] -= step
      let slope = (value(loss, up).loss - value(loss, down).loss) / Double(2 * step)
      #expect(abs(Double(gradient[index]) - slope) < 2e-6)
    }
    #expect(gradient[5] == 0)
  }

  @Test("no known voxel gives zero, and extreme logits stay finite", arguments: Loss.Kind.allCases)
  func edges(_ kind: Loss.Kind) {
    let shape = [1, 1, 1, 1, 2]
    let none = Loss(kind).value(
      logits: Tensor([1, 2], shape: shape), target: Tensor([1, 0], shape: shape),
      mask: Tensor([0, 0], shape: shape))
    #expect(none.loss == 0 && none.gradient.elements == [0, 0])
    let extreme = Loss(kind).value(
      logits: Tensor([-1000, 1000], shape: shape), target: Tensor([1, 0], shape: shape),
      mask: Tensor([1, 1], shape: shape))
    #expect(extreme.loss.isFinite && extreme.gradient.elements.allSatisfy(\.isFinite))
    let background = Loss(kind).value(
      logits: Tensor([-3, -4], shape: shape), target: Tensor([0, 0], shape: shape),
      mask: Tensor([1, 1], shape: shape))
    #expect(background.loss.isFinite && background.gradient.elements.allSatisfy(\.isFinite))
  }

  @Test("a channel without known voxels does not count")
  func channels() {
    let known = Loss(.diceCrossEntropy).value(
      logits: Tensor([1, -2], shape: [1, 1, 1, 1, 2]), target: Tensor([1, 0], shape: [1, 1, 1, 1, 2]),
      mask: Tensor([1, 1], shape: [1, 1, 1, 1, 2]))
    let both = Loss(.diceCrossEntropy).value(
      logits: Tensor([1, -2, 5, 5], shape: [1, 2, 1, 1, 2]),
      target: Tensor([1, 0, 0, 0], shape: [1, 2, 1, 1, 2]),
      mask: Tensor([1, 1, 0, 0], shape: [1, 2, 1, 1, 2]))
    #expect(abs(known.loss - both.loss) < 1e-12)
    #expect(both.gradient.elements[2...] == [0, 0])
  }
}
