// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks

/// Shards that are computed together.
struct PredictionBlock: Sendable {
  /// Places in the grid of shards, those that something is predicted for.
  let shards: [[Int]]

  /// The smallest box around what is predicted in them, in voxels of the image.
  let box: Box

  /// All blocks of a prediction, in rising order.
  ///
  /// - Parameter size: How many shards a block has along each axis.
  static func all(in grid: ChunkGrid, size: [Int], covered: [Box]) -> [PredictionBlock] {
    let counts = (0..<3).map { (grid.counts[$0] + size[$0] - 1) / size[$0] }
    return Box(Extent(counts)).positions.compactMap { place in
      let lower = (0..<3).map { place[$0] * size[$0] }
      let upper = (0..<3).map { min(lower[$0] + size[$0], grid.counts[$0]) }
      let shards = Box(lower: lower, upper: upper).positions.filter { index in
        covered.contains { $0.intersects(grid.box(at: index)) }
      }
      let parts = shards.flatMap { index in
        covered.map { $0.intersection(grid.box(at: index)) }.filter { !$0.isEmpty }
      }
      guard let first = parts.first else { return nil }
      return PredictionBlock(shards: Array(shards), box: parts.reduce(first) { $0.union($1) })
    }
  }

  /// What of a phase's volume the block needs; `nil` if no slice of the phase lies in it.
  func needed(phase: Int, grid: WorkingGrid) -> [Range<Int>]? {
    let planes = grid.planes(of: box.range(0), phase: phase)
    if planes.isEmpty { return nil }
    return [
      planes,
      ProbabilityField.needed(box.range(1), axis: 1, grid: grid),
      ProbabilityField.needed(box.range(2), axis: 2, grid: grid),
    ]
  }
}
