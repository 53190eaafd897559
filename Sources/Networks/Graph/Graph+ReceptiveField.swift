// SPDX-License-Identifier: Apache-2.0

import Tensors

/// How much of the input one voxel of the output depends on; axes D, H, W.
public struct ReceptiveField: Hashable, Sendable {
  /// Positions that differ by a multiple of this see their neighbourhood alike: sizes must be
  /// multiples of it, and tiles must begin at one.
  public let alignment: [Int]

  /// How far it reaches towards lower positions, the farthest over all positions.
  public let before: [Int]

  /// How far it reaches towards higher positions, the farthest over all positions.
  public let after: [Int]

  /// The width of the context that a tile needs on each side, a multiple of the alignment.
  public var halo: [Int] {
    (0..<3).map { axis in
      let reach = max(before[axis], after[axis])
      return (reach + alignment[axis] - 1) / alignment[axis] * alignment[axis]
    }
  }
}

extension Graph {
  /// How much of the input one voxel of the output depends on.
  public var receptiveField: ReceptiveField {
    let alignment = self.alignment
    var before = [0, 0, 0]
    var after = [0, 0, 0]
    for axis in 0..<3 {
      for phase in 0..<alignment[axis] {
        let reach = inputRange(of: phase, axis: axis)
        before[axis] = max(before[axis], phase - reach.lowerBound)
        after[axis] = max(after[axis], reach.upperBound - phase)
      }
    }
    return ReceptiveField(alignment: alignment, before: before, after: after)
  }

  /// The largest reduction along each axis.
  private var alignment: [Int] {
    var scales: [[Int]] = []
    var largest = [1, 1, 1]
    for node in nodes {
      var scale = node.inputs.first.map { scales[position(of: $0)] } ?? [1, 1, 1]
      switch node.operation {
      case .maxPooling(let kernel): scale = zip(scale, kernel).map { $0 * $1 }
      case .convolution(let convolution): scale = zip(scale, convolution.stride).map { $0 * $1 }
      case .transposedConvolution(let convolution):
        scale = zip(scale, convolution.stride).map { max(1, $0 / $1) }
      case .fusedConvolution(let fused):
        let factors = zip(scale, fused.convolution.stride)
        scale = factors.map { fused.isTransposed ? max(1, $0 / $1) : $0 * $1 }
      case .input, .batchNormalization, .elu, .add: break
      }
      scales.append(scale)
      largest = zip(largest, scale).map { max($0, $1) }
    }
    return largest
  }

  /// The positions of the input that the output at `position` depends on, along one axis.
  private func inputRange(of output: Int, axis: Int) -> ClosedRange<Int> {
    var needed: [ClosedRange<Int>?] = Array(repeating: nil, count: nodes.count)
    needed[position(of: self.output)] = output...output
    for index in nodes.indices.reversed() {
      guard let range = needed[index] else { continue }
      let source = nodes[index].operation.inputRange(of: range, axis: axis)
      for input in nodes[index].inputs {
        let old = needed[position(of: input)] ?? source
        needed[position(of: input)] =
          min(old.lowerBound, source.lowerBound)...max(old.upperBound, source.upperBound)
      }
    }
    return needed[0] ?? output...output
  }
}

extension Operation {
  /// The positions of an input that the result at `range` depends on, along one axis; they may lie beyond
  /// the array's faces.
  func inputRange(of range: ClosedRange<Int>, axis: Int) -> ClosedRange<Int> {
    func convolved(_ convolution: Convolution) -> ClosedRange<Int> {
      let start = -convolution.padding[axis]
      let low = range.lowerBound * convolution.stride[axis] + start
      return low...(range.upperBound * convolution.stride[axis] + start + convolution.kernel[axis] - 1)
    }
    func transposed(_ convolution: Convolution) -> ClosedRange<Int> {
      let (stride, padding) = (convolution.stride[axis], convolution.padding[axis])
      let first = range.lowerBound + padding - convolution.kernel[axis] + 1
      // The first multiple of the stride at or after `first`, the last at or before the upper bound.
      return -floorDivide(-first, stride)...floorDivide(range.upperBound + padding, stride)
    }
    switch self {
    case .convolution(let convolution): return convolved(convolution)
    case .transposedConvolution(let convolution): return transposed(convolution)
    case .fusedConvolution(let fused):
      return fused.isTransposed ? transposed(fused.convolution) : convolved(fused.convolution)
    case .maxPooling(let kernel):
      return range.lowerBound * kernel[axis]...(range.upperBound * kernel[axis] + kernel[axis] - 1)
    case .input, .batchNormalization, .elu, .add: return range
    }
  }
}

private func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((-a + b - 1) / b) }
