// SPDX-License-Identifier: Apache-2.0

import Tensors

/// The batch normalisations that follow a sum, which no convolution's weights can take in: each is a scale
/// and a shift a channel in the tail of a fused convolution.
struct Scalings {
  private var buffers: [(name: String, epsilon: Float, scale: Buffer, shift: Buffer)] = []

  private typealias Buffer = OneDNNProgram.Buffer

  /// What a program does after a fused convolution.
  ///
  /// - Parameters:
  ///   - addend: What a sum in the tail adds; `nil` only if there is none.
  ///   - channels: Of the result.
  mutating func tail(
    of fused: FusedConvolution, adding addend: OneDNNProgram.Buffer?, channels: Int, in program: OneDNNProgram
  ) -> [OneDNNProgram.Tail] {
    var tail: [OneDNNProgram.Tail] = []
    for step in fused.tail {
      switch step {
      case .sum:
        guard let addend else { preconditionFailure("a sum has two sources") }
        tail.append(.sum(addend))
      case .elu(let alpha): tail.append(.elu(alpha: alpha))
      case .normalize(let name, let epsilon):
        let (scale, shift) = (program.plain([channels]), program.plain([channels]))
        buffers.append((name, epsilon, scale, shift))
        tail.append(.scale(scale, shift))
      }
    }
    return tail
  }

  /// Writes all scales and shifts to where the program loads them from.
  func write(_ parameters: Parameters, to program: OneDNNProgram) {
    for (name, epsilon, scale, shift) in buffers {
      let (scales, shifts) = FusedConvolution.scalesAndShifts(of: name, epsilon: epsilon, in: parameters)
      program.write(Tensor(scales.map(Float.init), shape: [scales.count]), to: scale)
      program.write(Tensor(shifts.map(Float.init), shape: [shifts.count]), to: shift)
    }
  }
}
