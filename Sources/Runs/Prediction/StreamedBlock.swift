// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks

/// One network's way over one tile and one phase of a block, along z.
struct PlaneStream: Hashable, Sendable {
  /// Which of the models.
  let model: Int

  let symmetry: Symmetry
  let phase: Int

  /// The tile on the working grid.
  let y: Range<Int>
  let x: Range<Int>

  /// Counted in the phase.
  let planes: Range<Int>

  /// The planes of the phase around them that the image has without a gap.
  let run: Range<Int>

  /// The slice of the image that a plane lies in.
  func slice(_ plane: Int, stride: Int) -> Int { phase + plane * stride }
}

/// A part of the volume that is predicted together: whole shards, and what of them is covered.
struct StreamedBlock: Sendable {
  /// Places in the grid of shards, in rising order.
  let shards: [[Int]]

  /// What is predicted in them, in voxels of the image.
  let parts: [Box]

  /// All blocks: boxes that touch a common shard are one.
  static func all(in grid: ChunkGrid, covered: [Box]) -> [StreamedBlock] {
    var groups: [(shards: Set<[Int]>, parts: [Box])] = []
    for box in covered {
      var new = (shards: Set(grid.indices(touching: box)), parts: [box])
      for group in groups where !group.shards.isDisjoint(with: new.shards) {
        new.shards.formUnion(group.shards)
        new.parts = group.parts + new.parts
      }
      groups.removeAll { !$0.shards.isDisjoint(with: new.shards) }
      groups.append(new)
    }
    return groups.map { group in
      StreamedBlock(
        shards: group.shards.sorted { $0.lexicographicallyPrecedes($1) }, parts: group.parts)
    }
  }

  /// The shards of each layer along z, in rising order.
  var layers: [[[Int]]] {
    Dictionary(grouping: shards) { $0[0] }.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The smallest box around all parts.
  var box: Box { parts.dropFirst().reduce(parts[0]) { $0.union($1) } }

  /// What of the working grid a part needs along y and x.
  static func needed(_ part: Box, grid: WorkingGrid) -> (y: Range<Int>, x: Range<Int>) {
    (
      ProbabilityField.needed(part.range(1), axis: 1, grid: grid),
      ProbabilityField.needed(part.range(2), axis: 2, grid: grid)
    )
  }

  /// Everything that has to be computed, the streams of a tile side by side.
  ///
  /// - Parameter core: Rows and columns of a tile.
  func streams(core: [Int], grid: WorkingGrid, models: Int, symmetries: [Symmetry]) -> [PlaneStream] {
    let needs = parts.map { Self.needed($0, grid: grid) }
    let whole = Self.needed(box, grid: grid)
    var streams: [PlaneStream] = []
    for tile in StreamTiling.tiles(core, y: whole.y, x: whole.x) {
      let touched = zip(parts, needs).filter { $1.y.overlaps(tile.y) && $1.x.overlaps(tile.x) }.map(\.0)
      for model in 0..<models {
        for symmetry in symmetries {
          for phase in 0..<grid.stride {
            for run in grid.runs(phase: phase) {
              let wanted = touched.map { grid.planes(of: $0.range(0), phase: phase).clamped(to: run) }
                .filter { !$0.isEmpty }
              guard let first = wanted.map(\.lowerBound).min(), let end = wanted.map(\.upperBound).max()
              else { continue }
              streams.append(
                PlaneStream(
                  model: model, symmetry: symmetry, phase: phase, y: tile.y, x: tile.x,
                  planes: first..<end, run: run))
            }
          }
        }
      }
    }
    return streams
  }
}

extension ChunkGrid {
  /// The places whose boxes meet a box.
  fileprivate func indices(touching box: Box) -> [[Int]] {
    chunks(touching: box).positions.map { $0 }
  }
}
