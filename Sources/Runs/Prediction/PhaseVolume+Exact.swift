// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors

extension PhaseVolume {
  /// The probabilities in a box, equal to those of one pass over the whole volume.
  ///
  /// Each tile is given so much context that nothing beyond it can matter; where the volume ends, so
  /// does the tile, and each layer of the network pads with zeros there as it would in one pass.
  ///
  /// - Parameters:
  ///   - box: Along z, y, x of ``shape``.
  ///   - core: The size of tiles without their context.
  ///   - advance: Is called after each tile with the number of voxels computed.
  /// - Returns: C, D, H, W.
  func exactProbabilities(
    _ box: [Range<Int>], core: [Int], by network: PatchNetwork, advance: (Int) throws -> Void
  ) throws -> Tensor {
    let tiles = exactTiles(box, core: core, field: network.field)
    var result: Tensor?
    for z in tiles[0] {
      for y in tiles[1] {
        for x in tiles[2] {
          let made = try network.probabilities(input([z.window, y.window, x.window]))
          var target = result ?? Tensor(zeros: [made.shape[1]] + box.map(\.count))
          result = nil
          target.copy(
            made, from: [z, y, x].map { $0.core.lowerBound - $0.window.lowerBound },
            to: zip([z, y, x], box).map { $0.core.lowerBound - $1.lowerBound },
            size: [z, y, x].map(\.core.count))
          result = target
          try advance(made.count / made.shape[1])
        }
      }
    }
    guard let result else { preconditionFailure("a box to be predicted has voxels") }
    return result
  }

  /// How many tiles that takes.
  func exactTileCount(_ box: [Range<Int>], core: [Int], field: ReceptiveField) -> Int {
    exactTiles(box, core: core, field: field).reduce(1) { $0 * $1.count }
  }

  private func exactTiles(
    _ box: [Range<Int>], core: [Int], field: ReceptiveField
  ) -> [[AxisWindows]] {
    (0..<3).map { axis in
      AxisWindows.tiles(
        of: box[axis], count: shape[axis], size: core[axis], alignment: field.alignment[axis],
        halo: field.halo[axis])
    }
  }
}

extension Tensor {
  /// Copies a part of C, D, H, W (or 1, C, D, H, W) into this tensor of C, D, H, W.
  mutating func copy(_ source: Tensor, from origin: [Int], to position: [Int], size: [Int]) {
    let (channels, from, to) = (shape[0], Array(source.shape.suffix(3)), Array(shape.dropFirst()))
    source.withSpan { source in
      withMutableSpan { target in
        for channel in 0..<channels {
          for z in 0..<size[0] {
            for y in 0..<size[1] {
              let here = ((channel * from[0] + origin[0] + z) * from[1] + origin[1] + y) * from[2] + origin[2]
              let there =
                ((channel * to[0] + position[0] + z) * to[1] + position[1] + y) * to[2] + position[2]
              for x in 0..<size[2] { target[there + x] = source[here + x] }
            }
          }
        }
      }
    }
  }
}
