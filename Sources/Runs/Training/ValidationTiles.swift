// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks
import Segmentation
import Tensors

/// The parts of volumes on which a network is measured while it trains, on its working grid.
///
/// Each voxel is measured once, in the tile that has most context around it. Of very large parts evenly
/// spaced tiles are measured.
struct ValidationTiles: Sendable {
  /// A tile that the network sees, and the cell inside it that is measured.
  struct Tile: Sendable {
    let pair: Int
    let place: PatchGeometry.Place
    /// In voxels of the tile.
    let cell: Box
  }

  /// The most tiles that are measured at each validation, and the planes of flat ones.
  static let most = 32
  static let mostPlanes = 256

  let tiles: [Tile]
  /// Depth, height, width.
  let shape: [Int]
  private let pairs: [PairSource]
  private let classCount: Int

  /// - Parameters:
  ///   - depth: Of the patches that the network is trained on.
  ///   - multiple: Of what height and width must be multiples.
  /// - Returns: `nil` if no pair has a part for validation.
  init?(_ pairs: [PairSource], depth: Int, multiple: Int, classCount: Int) {
    self.pairs = pairs
    self.classCount = classCount
    func side(_ axis: Int) -> Int {
      let least = pairs.map { $0.grid.extent[axis] }.min() ?? 0
      return min(256 / multiple * multiple, least / multiple * multiple)
    }
    let shape = [depth, side(1), side(2)]
    self.shape = shape
    var tiles: [Tile] = []
    for (number, pair) in pairs.enumerated() {
      tiles += Self.tiles(of: pair, number, shape)
    }
    if tiles.isEmpty { return nil }
    let count = min(tiles.count, max(Self.most, Self.mostPlanes / depth))
    self.tiles = (0..<count).map { tiles[$0 * tiles.count / count] }
  }

  /// Counts agreements and disagreements of a network with the labels, by class.
  ///
  /// - Parameters:
  ///   - plan: Of mode inference and of shape [1, 1] + ``shape``, loaded.
  ///   - picture: Is drawn of the middle tile.
  func counts(_ plan: Plan, picture: ValidationPicture? = nil) throws -> [ConfusionCounts] {
    var counts = [ConfusionCounts](repeating: ConfusionCounts(), count: classCount)
    let voxels = shape.reduce(1, *)
    for (number, tile) in tiles.enumerated() {
      let source = pairs[tile.pair]
      var input = Tensor(zeros: [1, 1] + shape)
      try input.withMutableSpan { input in
        try source.copyImage(tile.place, height: shape[1], width: shape[2], to: &input, at: 0)
      }
      let logits = try plan.forward(input)
      var target = Tensor(zeros: [1, classCount] + shape)
      var mask = Tensor(zeros: [1, classCount] + shape)
      try target.withMutableSpan { target in
        try mask.withMutableSpan { mask in
          for index in 0..<classCount {
            try source.copyLabels(
              index, within: \.validation, tile.place, height: shape[1], width: shape[2],
              target: &target, mask: &mask, at: index * voxels)
          }
        }
      }
      if number == tiles.count / 2 {
        picture?.draw(input: input, logits: logits, target: target, mask: mask, cell: tile.cell)
      }
      logits.withSpan { logits in
        target.withSpan { target in
          mask.withSpan { mask in
            for index in 0..<classCount {
              for z in tile.cell.range(0) {
                for y in tile.cell.range(1) {
                  for x in tile.cell.range(2) {
                    let at = index * voxels + (z * shape[1] + y) * shape[2] + x
                    if mask[at] == 0 { continue }
                    switch (logits[at] > 0, target[at] != 0) {
                    case (true, true): counts[index].truePositives += 1
                    case (true, false): counts[index].falsePositives += 1
                    case (false, true): counts[index].falseNegatives += 1
                    case (false, false): counts[index].trueNegatives += 1
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return counts
  }

  private static func tiles(of pair: PairSource, _ number: Int, _ shape: [Int]) -> [Tile] {
    let grid = pair.grid
    let boxes = pair.classes.compactMap { $0 }.flatMap(\.validation).map(grid.inside)
    guard let first = boxes.first else { return [] }
    let region = boxes.reduce(first) { $0.union($1) }
    var tiles: [Tile] = []
    for z in windows(around: boxes.map { $0.range(0) }, in: grid, depth: shape[0]) {
      for y in intervals(region.lower[1], region.upper[1], shape[1], grid.extent[1], margin: 16) {
        for x in intervals(region.lower[2], region.upper[2], shape[2], grid.extent[2], margin: 16) {
          let place = PatchGeometry.Place(slices: z.slices, y: y.start, x: x.start)
          let cell = Box(
            lower: [z.cell.lowerBound, y.cell.lowerBound, x.cell.lowerBound],
            upper: [z.cell.upperBound, y.cell.upperBound, x.cell.upperBound])
          tiles.append(Tile(pair: number, place: place, cell: cell))
        }
      }
    }
    return tiles
  }

  /// The slices of tiles around labelled ones, and which of them are measured: of neighbouring slices one
  /// phase, of each that is labelled alone its own.
  private static func windows(
    around labelled: [Range<Int>], in grid: WorkingGrid, depth: Int
  ) -> [(slices: [Int], cell: Range<Int>)] {
    let byPhase = Dictionary(grouping: labelled.merged()) { $0.lowerBound % grid.stride }
    return byPhase.sorted { $0.key < $1.key }.flatMap { phase, ranges in
      let slices = grid.slices(phase: phase)
      return grid.runs(phase: phase).filter { $0.count >= depth }.flatMap { run in
        let planes = ranges.flatMap { grid.planes(of: $0, phase: phase).clamped(to: run) }
          .map { $0 - run.lowerBound }
        guard let low = planes.first, let high = planes.last else {
          return [(slices: [Int], cell: Range<Int>)]()
        }
        return intervals(low, high + 1, depth, run.count, margin: 2)
          .filter { window in planes.contains { window.cell.contains($0 - window.start) } }
          .map { window in
            let first = run.lowerBound + window.start
            return (Array(slices[first..<first + depth]), window.cell)
          }
      }
    }
  }

  /// Intervals of one length inside 0 ..< `whole` whose cells (relative to them) cover `from` ..< `to`
  /// once, each with `margin` around it where the ends allow.
  static func intervals(
    _ from: Int, _ to: Int, _ length: Int, _ whole: Int, margin: Int
  ) -> [(start: Int, cell: Range<Int>)] {
    let margin = min(margin, (length - 1) / 4)
    let step = length - 2 * margin
    return stride(from: from, to: to, by: step).map { low in
      let start = min(max(0, low - margin), whole - length)
      return (start, low - start..<min(low + step, to) - start)
    }
  }
}
