// SPDX-License-Identifier: Apache-2.0

import Tensors

extension PhaseVolume {
  /// The probabilities in a box as the published method has them: patches at a fixed stride from the
  /// volume's origin, each alone, and the mean where they overlap.
  ///
  /// - Parameters:
  ///   - box: Along z, y, x of ``shape``.
  ///   - advance: Is called after each patch with the number of voxels computed.
  /// - Returns: C, D, H, W.
  func seedProbabilities(
    _ box: [Range<Int>], by network: PatchNetwork, advance: (Int) throws -> Void
  ) throws -> Tensor {
    let patch = zip(Tiling.seedPatch, shape).map { min($0, $1) }
    let starts = seedStarts(box)
    var sum: Tensor?
    for z in starts[0] {
      for y in starts[1] {
        for x in starts[2] {
          let origin = [z, y, x]
          let made = try network.probabilities(
            input((0..<3).map { origin[$0]..<origin[$0] + patch[$0] }))
          var target = sum ?? Tensor(zeros: [made.shape[1]] + box.map(\.count))
          sum = nil
          target.add(made, at: origin, in: box)
          sum = target
          try advance(made.count / made.shape[1])
        }
      }
    }
    guard var mean = sum else { preconditionFailure("a box to be predicted has voxels") }
    // How many patches cover each position is a product over the axes.
    let covers = (0..<3).map { axis in
      box[axis].map { position in
        Float(starts[axis].count { $0 <= position && position < $0 + patch[axis] })
      }
    }
    mean.withMutableSpan { values in
      var index = 0
      while index < values.count {
        for z in covers[0] {
          for y in covers[1] {
            for x in covers[2] {
              values[index] /= z * y * x
              index += 1
            }
          }
        }
      }
    }
    return mean
  }

  /// How many patches that takes.
  func seedPatchCount(_ box: [Range<Int>]) -> Int { seedStarts(box).reduce(1) { $0 * $1.count } }

  private func seedStarts(_ box: [Range<Int>]) -> [[Int]] {
    (0..<3).map { axis in
      let patch = min(Tiling.seedPatch[axis], shape[axis])
      return Tiling.patchStarts(count: shape[axis], patch: patch, stride: Tiling.seedStride[axis])
        .filter { $0 < box[axis].upperBound && $0 + patch > box[axis].lowerBound }
    }
  }
}

extension Tensor {
  /// Adds the part of a patch 1, C, D, H, W that lies in a box whose values this tensor C, D, H, W holds.
  fileprivate mutating func add(_ patch: Tensor, at origin: [Int], in box: [Range<Int>]) {
    let size = Array(patch.shape.dropFirst(2))
    let own = Array(shape.dropFirst())
    let channels = shape[0]
    let common = (0..<3).map { (origin[$0]..<origin[$0] + size[$0]).clamped(to: box[$0]) }
    patch.withSpan { source in
      withMutableSpan { target in
        for channel in 0..<channels {
          for z in common[0] {
            for y in common[1] {
              let from = ((channel * size[0] + z - origin[0]) * size[1] + y - origin[1]) * size[2] - origin[2]
              let to =
                ((channel * own[0] + z - box[0].lowerBound) * own[1] + y - box[1].lowerBound) * own[2]
                - box[2].lowerBound
              for x in common[2] { target[to + x] += source[from + x] }
            }
          }
        }
      }
    }
  }
}
