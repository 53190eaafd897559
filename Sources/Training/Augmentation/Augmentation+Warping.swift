// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors

extension Augmentation {
  /// Moves voxels in the plane: by a smooth field, and whole planes against each other.
  func warp(_ batch: inout Batch, item: Int, _ random: inout SplitMix64) {
    let shape = Array(batch.input.shape[2...])
    var field: DisplacementField?
    let isElastic = random.uniform() < Float(share)
    let key = random.next()
    if elastic > 0 && isElastic {
      field = DisplacementField(height: shape[1], width: shape[2], amplitude: Float(elastic), seed: key)
    }
    let isShifted = random.uniform() < Float(share)
    let first = 1 + Int(random.next() % UInt64(max(1, shape[0] - 1)))
    let isOneAlone = random.next() >> 63 == 1
    let shift = (0..<2).map { _ in (random.uniform(-1, 1) * Float(shiftedSlices)).rounded() }
    var shifted: Range<Int> = 0..<0
    if shiftedSlices > 0 && isShifted && shape[0] > 1 {
      shifted = first..<(isOneAlone ? first + 1 : shape[0])
    }
    guard field != nil || !shifted.isEmpty else { return }
    for z in 0..<shape[0] where field != nil || shifted.contains(z) {
      let move: (y: Float, x: Float) = shifted.contains(z) ? (y: shift[0], x: shift[1]) : (y: 0, x: 0)
      func source(_ y: Int, _ x: Int) -> (y: Float, x: Float) {
        let bend = field?.displacement(y, x) ?? (y: 0, x: 0)
        return (Float(y) + bend.y + move.y, Float(x) + bend.x + move.x)
      }
      Self.resample(&batch.input, item: item, z: z, isLabel: false, source)
      Self.resample(&batch.target, item: item, z: z, isLabel: true, source)
      Self.resample(&batch.mask, item: item, z: z, isLabel: true, source)
    }
  }

  /// Fills a plane from where `source` says its voxels lie in it: images linearly, labels by the nearest
  /// voxel; beyond the edge the edge goes on.
  private static func resample(
    _ tensor: inout Tensor, item: Int, z: Int, isLabel: Bool, _ source: (Int, Int) -> (y: Float, x: Float)
  ) {
    let shape = tensor.shape
    let (height, width) = (shape[3], shape[4])
    for channel in 0..<shape[1] {
      let start = ((item * shape[1] + channel) * shape[2] + z) * height * width
      let plane = tensor.withSpan { span in (0..<height * width).map { span[start + $0] } }
      tensor.withMutableSpan { target in
        for y in 0..<height {
          for x in 0..<width {
            let place = source(y, x)
            let (fromY, fromX) = (
              min(max(place.y, 0), Float(height - 1)), min(max(place.x, 0), Float(width - 1))
            )
            if isLabel {
              target[start + y * width + x] = plane[Int(fromY.rounded()) * width + Int(fromX.rounded())]
              continue
            }
            let (y0, x0) = (Int(fromY), Int(fromX))
            let (y1, x1) = (min(y0 + 1, height - 1), min(x0 + 1, width - 1))
            let (dy, dx) = (fromY - Float(y0), fromX - Float(x0))
            let above = plane[y0 * width + x0] * (1 - dx) + plane[y0 * width + x1] * dx
            let below = plane[y1 * width + x0] * (1 - dx) + plane[y1 * width + x1] * dx
            target[start + y * width + x] = above * (1 - dy) + below * dy
          }
        }
      }
    }
  }
}
