// SPDX-License-Identifier: Apache-2.0

import Tensors
import Testing

@Suite("Blocked normalisation")
struct BlockedNormalizationTests {
  /// More channels than a block has, and more voxels than a chunk, an odd number of them.
  private let shape = [2, 21, 3, 23, 31]

  private func tensor(_ shape: [Int], seed: UInt64, scale: Float = 1, shift: Float = 0) -> Tensor {
    var state = seed
    let numbers = (0..<shape.reduce(1, *)).map { _ -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (Float(state >> 40) / Float(1 << 23) - 1) * scale + shift
    }
    return Tensor(numbers, shape: shape)
  }

  private func difference(_ a: Tensor, _ b: Tensor) -> Float {
    zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1) / max(1, abs($1.1))) }
  }

  @Test("sum, normalisation and unit in its passes equal the three in plain loops", arguments: [8, 16])
  func plainLoops(lanes: Int) {
    let (first, second) = (tensor(shape, seed: 1, scale: 3, shift: 5), tensor(shape, seed: 2))
    let arriving = tensor(shape, seed: 3)
    let scale = tensor([21], seed: 4, shift: 1.5)
    let shift = tensor([21], seed: 5)
    let made = BlockedArrays.run(
      first, adding: second, arriving: arriving, scale: scale, shift: shift, lanes: lanes, alpha: 0.7,
      threads: 2)

    var sum = first
    sum += second
    let (normalization, unit) = (BatchNormalization(epsilon: 1e-5), ExponentialLinearUnit(alpha: 0.7))
    let statistics = normalization.statistics(of: sum)
    let normalized = normalization.forward(sum, weight: scale, bias: shift, statistics)
    let output = unit.forward(normalized)
    let before = unit.backward(output: output, gradient: arriving)
    let gradients = normalization.backward(sum, weight: scale, statistics, gradient: before)
    #expect(difference(made.output, output) < 4e-6)
    #expect(difference(made.mean, Tensor(statistics.mean, shape: [21])) < 1e-6)
    #expect(difference(made.variance, Tensor(statistics.variance, shape: [21])) < 1e-6)
    #expect(difference(made.leaving, gradients.input) < 4e-6)
    #expect(difference(made.scaleGradient, gradients.weight) < 1e-4)
    #expect(difference(made.shiftGradient, gradients.bias) < 1e-4)
  }

  @Test("it gives the same bits whatever the number of threads")
  func threads() {
    let results = [1, 2, 3].map { threads in
      BlockedArrays.run(
        tensor(shape, seed: 1), adding: nil, arriving: tensor(shape, seed: 3),
        scale: tensor([21], seed: 4), shift: tensor([21], seed: 5), lanes: 16, alpha: nil, threads: threads)
    }
    let isSame = results.allSatisfy { $0 == results[0] }
    #expect(isSame)
  }

  @Test("a value that is no number stays none")
  func noNumber() {
    var input = tensor(shape, seed: 1)
    input.withMutableSpan { $0[7] = .nan }
    let made = BlockedArrays.run(
      input, adding: nil, arriving: tensor(shape, seed: 3), scale: tensor([21], seed: 4),
      shift: tensor([21], seed: 5), lanes: 16, alpha: 1, threads: 1)
    // A channel has 3·23·31 voxels.
    let (first, second) = (made.output.elements[..<2139], made.output.elements[2139..<2 * 2139])
    let (isNone, isFinite) = (first.allSatisfy(\.isNaN), second.allSatisfy(\.isFinite))
    #expect(isNone && isFinite)
  }
}
