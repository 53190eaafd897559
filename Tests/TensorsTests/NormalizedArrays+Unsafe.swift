// SPDX-License-Identifier: Apache-2.0

@testable import Tensors

/// Runs ``NormalizationPasses`` on plain tensors, which it lays as the passes want them.
struct NormalizedArrays: Equatable {
  var output: Tensor
  var leaving: Tensor
  var mean: Tensor
  var variance: Tensor
  var scaleGradient: Tensor
  var shiftGradient: Tensor

  /// How numbers lie.
  struct Layout: Hashable, Sendable {
    var order = NormalizationPasses.Order.blocks(16)
    var precision = Precision.float32
  }

  static func run(
    _ input: Tensor, adding added: Tensor?, arriving: Tensor, scale: Tensor, shift: Tensor, _ layout: Layout,
    alpha: Float?, threads: Int
  ) -> NormalizedArrays {
    let kernel = NormalizationPasses(
      shape: input.shape, order: layout.order, precision: layout.precision, epsilon: 1e-5, alpha: alpha)
    let channels = [input.shape[1]]
    var (source, slopes) = (layout.bytes(of: input), layout.bytes(of: arriving))
    var other = added.map { layout.bytes(of: $0) } ?? []
    var target = source
    var (scale, shift) = (scale, shift)
    var (mean, variance) = (Tensor(zeros: channels), Tensor(zeros: channels))
    var (scaleGradient, shiftGradient) = (Tensor(zeros: channels), Tensor(zeros: channels))
    precondition(source.count == kernel.count * (layout.precision == .float32 ? 4 : 2), "the array is whole")
    // SAFETY: all arrays live in their closures and have as many numbers as the kernel counts.
    unsafe source.withUnsafeMutableBytes { source in
      unsafe other.withUnsafeMutableBytes { other in
        unsafe target.withUnsafeMutableBytes { target in
          unsafe slopes.withUnsafeMutableBytes { slopes in
            guard let source = source.baseAddress, let target = target.baseAddress,
              let slopes = slopes.baseAddress
            else { return }
            unsafe mean.withMutableElements { mean in
              unsafe variance.withMutableElements { variance in
                unsafe kernel.findStatistics(
                  of: source, adding: added == nil ? nil : other.baseAddress, mean: mean, variance: variance,
                  threads: threads)
                unsafe scale.withMutableElements { scale in
                  unsafe shift.withMutableElements { shift in
                    let values = unsafe NormalizationConstants.Channels(
                      mean: mean, variance: variance, scale: scale, shift: shift)
                    unsafe kernel.apply(to: source, target, values, threads: threads)
                    unsafe scaleGradient.withMutableElements { scaleGradient in
                      unsafe shiftGradient.withMutableElements { shiftGradient in
                        unsafe kernel.findGradients(
                          of: source, arriving: slopes, leaving: slopes, values, scale: scaleGradient,
                          shift: shiftGradient, threads: threads)
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return NormalizedArrays(
      output: layout.tensor(target, input.shape), leaving: layout.tensor(slopes, input.shape), mean: mean,
      variance: variance, scaleGradient: scaleGradient, shiftGradient: shiftGradient)
  }
}

extension NormalizedArrays.Layout {
  /// Where an element of a plain tensor stands.
  private func place(_ index: Int, _ shape: [Int]) -> Int {
    let voxels = shape[2...].reduce(1, *)
    let (row, voxel) = index.quotientAndRemainder(dividingBy: voxels)
    let (item, channel) = row.quotientAndRemainder(dividingBy: shape[1])
    switch order {
    case .last: return (item * voxels + voxel) * shape[1] + channel
    case .blocks(let lanes):
      let blocks = (shape[1] + lanes - 1) / lanes
      return ((item * blocks + channel / lanes) * voxels + voxel) * lanes + channel % lanes
    }
  }

  fileprivate func bytes(of tensor: Tensor) -> [UInt8] {
    let shape = tensor.shape
    var width = shape[1]
    if case .blocks(let lanes) = order { width = (width + lanes - 1) / lanes * lanes }
    let size = precision == .float32 ? 4 : 2
    var result = [UInt8](repeating: 0, count: tensor.count / shape[1] * width * size)
    for (index, value) in tensor.elements.enumerated() {
      let start = place(index, shape) * size
      // The upper half of a float is a bfloat16, rounded towards zero.
      let bits = value.bitPattern >> (precision == .float32 ? 0 : 16)
      for byte in 0..<size { result[start + byte] = UInt8(truncatingIfNeeded: bits >> (8 * byte)) }
    }
    return result
  }

  fileprivate func tensor(_ bytes: [UInt8], _ shape: [Int]) -> Tensor {
    let size = precision == .float32 ? 4 : 2
    let values = (0..<shape.reduce(1, *)).map { index -> Float in
      let start = place(index, shape) * size
      let bits = (0..<size).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
      return Float(bitPattern: bits << (precision == .float32 ? 0 : 16))
    }
    return Tensor(values, shape: shape)
  }
}
