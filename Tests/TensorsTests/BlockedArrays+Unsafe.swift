// SPDX-License-Identifier: Apache-2.0

@testable import Tensors

/// Runs a ``BlockedNormalization`` on plain tensors, whose channels it lays in blocks.
struct BlockedArrays: Equatable {
  var output: Tensor
  var leaving: Tensor
  var mean: Tensor
  var variance: Tensor
  var scaleGradient: Tensor
  var shiftGradient: Tensor

  static func run(
    _ input: Tensor, adding added: Tensor?, arriving: Tensor, scale: Tensor, shift: Tensor, lanes: Int,
    alpha: Float?, threads: Int
  ) -> BlockedArrays {
    let kernel = BlockedNormalization(shape: input.shape, lanes: lanes, epsilon: 1e-5, alpha: alpha)
    let channels = [input.shape[1]]
    var (source, slopes) = (blocks(of: input, lanes), blocks(of: arriving, lanes))
    var other = added.map { blocks(of: $0, lanes) }
    var target = [Float](repeating: .nan, count: source.count)
    var (scale, shift) = (scale, shift)
    var (mean, variance) = (Tensor(zeros: channels), Tensor(zeros: channels))
    var (scaleGradient, shiftGradient) = (Tensor(zeros: channels), Tensor(zeros: channels))
    // SAFETY: all arrays live in their closures and have as many numbers as the kernel counts.
    unsafe source.withUnsafeMutableBufferPointer { source in
      unsafe mean.withMutableElements { mean in
        unsafe variance.withMutableElements { variance in
          unsafe scale.withMutableElements { scale in
            unsafe shift.withMutableElements { shift in
              if other == nil {
                unsafe kernel.findStatistics(
                  of: source, adding: nil, mean: mean, variance: variance, threads: threads)
              } else {
                unsafe other?.withUnsafeMutableBufferPointer { other in
                  unsafe kernel.findStatistics(
                    of: source, adding: other, mean: mean, variance: variance, threads: threads)
                }
              }
              let values = unsafe NormalizationConstants.Channels(
                mean: mean, variance: variance, scale: scale, shift: shift)
              unsafe target.withUnsafeMutableBufferPointer { target in
                unsafe kernel.apply(to: source, target, values, threads: threads)
              }
              unsafe slopes.withUnsafeMutableBufferPointer { slopes in
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
    return BlockedArrays(
      output: tensor(target, input.shape, lanes), leaving: tensor(slopes, input.shape, lanes), mean: mean,
      variance: variance, scaleGradient: scaleGradient, shiftGradient: shiftGradient)
  }

  /// Where an element of a plain tensor stands in blocks.
  private static func place(_ index: Int, _ shape: [Int], _ lanes: Int) -> Int {
    let voxels = shape[2...].reduce(1, *)
    let blocks = (shape[1] + lanes - 1) / lanes
    let (row, voxel) = index.quotientAndRemainder(dividingBy: voxels)
    let (item, channel) = row.quotientAndRemainder(dividingBy: shape[1])
    return ((item * blocks + channel / lanes) * voxels + voxel) * lanes + channel % lanes
  }

  private static func blocks(of tensor: Tensor, _ lanes: Int) -> [Float] {
    let shape = tensor.shape
    let width = (shape[1] + lanes - 1) / lanes * lanes
    var result = [Float](repeating: 0, count: tensor.count / shape[1] * width)
    for (index, value) in tensor.elements.enumerated() { result[place(index, shape, lanes)] = value }
    return result
  }

  private static func tensor(_ blocks: [Float], _ shape: [Int], _ lanes: Int) -> Tensor {
    Tensor((0..<shape.reduce(1, *)).map { blocks[place($0, shape, lanes)] }, shape: shape)
  }
}
