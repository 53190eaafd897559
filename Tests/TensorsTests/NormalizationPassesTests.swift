// SPDX-License-Identifier: Apache-2.0

@testable import Tensors
import Testing

@Suite("Normalisation in passes")
struct NormalizationPassesTests {
  typealias Layout = NormalizedArrays.Layout

  /// More channels than are worked on at once, and more voxels than a chunk, an odd number of them.
  private let shape = [2, 28, 3, 23, 31]

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

  /// The nearest number that bfloat16 has.
  private func rounded(_ tensor: Tensor) -> Tensor {
    let values = tensor.elements.map { value in
      let bits = value.bitPattern
      return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
    }
    return Tensor(values, shape: tensor.shape)
  }

  @Test(
    "sum, normalisation and unit in passes equal the three in plain loops",
    arguments: [
      Layout(order: .blocks(8)), Layout(order: .blocks(16)),
      Layout(order: .blocks(16), precision: .bfloat16), Layout(order: .last, precision: .bfloat16),
    ])
  func plainLoops(layout: Layout) {
    let isHalf = layout.precision == .bfloat16
    var (first, second) = (tensor(shape, seed: 1, scale: 3, shift: 5), tensor(shape, seed: 2))
    var arriving = tensor(shape, seed: 3)
    if isHalf { (first, second, arriving) = (rounded(first), rounded(second), rounded(arriving)) }
    let scale = tensor([28], seed: 4, shift: 1.5)
    let shift = tensor([28], seed: 5)
    let made = NormalizedArrays.run(
      first, adding: second, arriving: arriving, scale: scale, shift: shift, layout, alpha: 0.7, threads: 2)

    var sum = first
    sum += second
    if isHalf { sum = rounded(sum) }
    let (normalization, unit) = (BatchNormalization(epsilon: 1e-5), ExponentialLinearUnit(alpha: 0.7))
    let statistics = normalization.statistics(of: sum)
    let normalized = normalization.forward(sum, weight: scale, bias: shift, statistics)
    let output = unit.forward(normalized)
    let before = unit.backward(output: output, gradient: arriving)
    let gradients = normalization.backward(sum, weight: scale, statistics, gradient: before)
    // Half a unit in the last of 8 binary places is 2⁻⁸ at most.
    let bound: Float = isHalf ? 0.004 : 4e-6
    #expect(difference(made.output, output) < bound)
    // The mean is that of the sums before they are rounded.
    #expect(difference(made.mean, Tensor(statistics.mean, shape: [28])) < (isHalf ? 1e-4 : 1e-6))
    #expect(difference(made.variance, Tensor(statistics.variance, shape: [28])) < (isHalf ? 1e-4 : 1e-6))
    #expect(difference(made.leaving, gradients.input) < bound)
    #expect(difference(made.scaleGradient, gradients.weight) < 1e-4)
    #expect(difference(made.shiftGradient, gradients.bias) < 1e-4)
  }

  @Test(
    "they give the same bits whatever the number of threads",
    arguments: [Layout(), Layout(order: .last, precision: .bfloat16)])
  func threads(layout: Layout) {
    let results = [1, 2, 3].map { threads in
      NormalizedArrays.run(
        tensor(shape, seed: 1), adding: nil, arriving: tensor(shape, seed: 3),
        scale: tensor([28], seed: 4), shift: tensor([28], seed: 5), layout, alpha: nil, threads: threads)
    }
    let isSame = results.allSatisfy { $0 == results[0] }
    #expect(isSame)
  }

  @Test(
    "a value that is no number stays none",
    arguments: [Layout(), Layout(order: .last, precision: .bfloat16)])
  func noNumber(layout: Layout) {
    var input = tensor(shape, seed: 1)
    input.withMutableSpan { $0[7] = .nan }
    let made = NormalizedArrays.run(
      input, adding: nil, arriving: tensor(shape, seed: 3), scale: tensor([28], seed: 4),
      shift: tensor([28], seed: 5), layout, alpha: 1, threads: 1)
    // A channel has 3·23·31 voxels.
    let (first, second) = (made.output.elements[..<2139], made.output.elements[2139..<2 * 2139])
    let (isNone, isFinite) = (first.allSatisfy(\.isNaN), second.allSatisfy(\.isFinite))
    #expect(isNone && isFinite)
  }
}
