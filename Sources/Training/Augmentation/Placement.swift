// SPDX-License-Identifier: Apache-2.0

import Tensors

/// A turn by quarters in the plane and mirrors along z, y and x.
struct Placement {
  /// D, H, W.
  let shape: [Int]
  /// How many times 90°.
  let quarters: Int
  /// Along z, y, x, after the turn.
  let mirrors: [Bool]

  var isIdentity: Bool { quarters == 0 && !mirrors.contains(true) }

  /// The tensor with the voxels of one item moved.
  ///
  /// - Precondition: Height and width are equal if `quarters` is odd.
  func moved(_ tensor: Tensor, item: Int) -> Tensor {
    var result = tensor
    let (depth, height, width) = (shape[0], shape[1], shape[2])
    let channels = tensor.shape[1]
    let voxels = depth * height * width
    tensor.withSpan { source in
      result.withMutableSpan { target in
        for channel in 0..<channels {
          let start = (item * channels + channel) * voxels
          for z in 0..<depth {
            let fromZ = mirrors[0] ? depth - 1 - z : z
            for y in 0..<height {
              let mirroredY = mirrors[1] ? height - 1 - y : y
              for x in 0..<width {
                let mirroredX = mirrors[2] ? width - 1 - x : x
                let (fromY, fromX) =
                  switch quarters {
                  case 1: (mirroredX, height - 1 - mirroredY)
                  case 2: (height - 1 - mirroredY, width - 1 - mirroredX)
                  case 3: (width - 1 - mirroredX, mirroredY)
                  default: (mirroredY, mirroredX)
                  }
                target[start + (z * height + y) * width + x] =
                  source[start + (fromZ * height + fromY) * width + fromX]
              }
            }
          }
        }
      }
    }
    return result
  }
}
