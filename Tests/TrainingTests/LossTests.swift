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

  @Test("the focal loss and Dice by sample have PyTorch's values and gradients")
  func torch() {
    func agrees(_ loss: Loss, _ wanted: Double, _ slopes: [Double]) {
      let (value, gradient) = value(loss, logits)
      #expect(abs(value - wanted) < 1e-12)
      for (found, slope) in zip(gradient.elements, slopes) { #expect(abs(Double(found) - slope) < 1e-7) }
    }
    agrees(
      Loss(.focal), 0.43865457794478147,
      [
        -0.0049263213339612285, 0.00563369249759578, -0.00017396214983545638, -0.010653099826428081,
        0.12072320149659514, 0, 0.10300978794325288, -0.014508693321500971,
      ])
    agrees(
      Loss(.focal, focalGamma: 1.5, focalAlpha: 0.6), 0.2970500375678797,
      [
        -0.01630829640365771, 0.0048811988441485755, -0.0010120770731413037, -0.0309064369025991,
        0.06212847138731658, 0, 0.05420372218842635, -0.03990867357332069,
      ])
    agrees(
      Loss(.dice, diceExtent: .sample), 0.3780281731257965,
      [
        -0.022514101218898772, 0.012510530167397898, -0.010058718591993383, -0.02395079316830683,
        0.002392707020423797, 0, 0.0078992950135223, -0.04545624323359581,
      ])
    agrees(
      Loss(.dice), 0.37953012885234083,
      [
        -0.03419714031250444, 0.012868100651224061, -0.015278398533877597, -0.03637936183234515,
        0.0029567778258376026, 0, 0.009761521212737267, -0.03581680342073388,
      ])
    agrees(
      Loss(.crossEntropy, positiveWeight: 5), 2.2376743279120084,
      [
        -0.2696719062843896, 0.03842020305285644, -0.08514494430151258, -0.3571428571428571,
        0.13608201811749046, 0, 0.11679635374194909, -0.40155464348985576,
      ])
    let both = value(Loss(.diceFocal), logits).loss
    #expect(abs(both - 0.43865457794478147 - 0.37953012885234083) < 1e-12)
  }

  @Test("two classes, one of them unlabelled in a sample, have PyTorch's value and gradients")
  func twoClasses() {
    let shape = [2, 2, 1, 2, 2]
    let logits = Tensor(
      [0.5, -1, 2, 0, 3, -2, 1.5, -0.25, -0.75, 0.25, 1, -3, 0.1, 2.5, -1.5, 0.6], shape: shape)
    let target = Tensor([1, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0], shape: shape)
    let mask = Tensor([1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1], shape: shape)
    func agrees(_ extent: Loss.DiceExtent, _ wanted: Double, _ slopes: [Double]) {
      let loss = Loss(.diceCrossEntropy, positiveWeight: 3, diceExtent: extent)
      let (value, gradient) = loss.value(logits: logits, target: target, mask: mask)
      #expect(abs(value - wanted) < 1e-7)
      for (found, slope) in zip(gradient.elements, slopes) { #expect(abs(Double(found) - slope) < 1e-7) }
    }
    agrees(
      .batch, 1.1449165689455196,
      [
        -0.12090862994556868, 0.03340691663924074, -0.04052635339557065, -0.15545162526445402, 0, 0, 0, 0,
        0.03909293170670682, -0.13819922740696067, 0, 0.00636970469306798, -0.15935283806487976,
        -0.02906634585776408, 0.02702278415803045, 0.07470846111315697,
      ])
    agrees(
      .sample, 1.1340336916218619,
      [
        -0.11797503775754793, 0.03278957356947694, -0.03921570021887617, -0.15233083180917423, 0, 0, 0, 0,
        0.04713324656602254, -0.15510524042482005, 0, 0.00803672127870723, -0.1494189356057738,
        -0.02627376208892546, 0.02354323561463716, 0.06937098335500755,
      ])
  }

  @Test("gradients equal finite differences and are zero where masked", arguments: Loss.Kind.allCases)
  func gradients(_ kind: Loss.Kind) {
    let loss = Loss(kind, positiveWeight: 3, diceExtent: .sample, focalGamma: 1.7)
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
