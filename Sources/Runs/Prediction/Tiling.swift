// SPDX-License-Identifier: Apache-2.0

import Networks

/// How a prediction is cut: chosen from the memory that is allowed, recorded with the run.
struct Tiling: Codable, Hashable, Sendable {
  /// How tiles are run.
  enum Kind: String, Codable, Hashable, Sendable {
    /// Plane by plane along the whole of z.
    case stream

    /// Each in one pass, with all the context that it needs.
    case blocks

    /// The published patches.
    case patches
  }

  var kind: Kind

  /// Voxels of a tile without its context, on the working grid; z, y, x.
  var core: [Int]

  /// The context on each side.
  var halo: [Int]

  /// The most voxels that the network is given at once.
  var window: [Int]

  /// How much is computed, compared with one pass over the whole.
  var overhead: Double

  /// How many bytes the network takes for a tile, where that is counted before it runs.
  var bytes: Int?

  /// Rows and columns of a tile without its context.
  var tileCore: [Int] { Array(core[1...]) }

  /// The cheapest tiles whose windows have at most `limit` voxels; `nil` if the smallest do not fit.
  ///
  /// - Parameter shape: Of the working grid, z of one phase, y and x multiples of the alignment.
  static func exact(shape: [Int], field: ReceptiveField, limit: Int) -> Tiling? {
    let halo = field.halo
    let candidates = (0..<3).map { axis in
      let steps = shape[axis] / field.alignment[axis]
      return Set((1...steps).map { (steps + $0 - 1) / $0 * field.alignment[axis] }).sorted()
    }
    func window(_ axis: Int, _ size: Int) -> Int {
      AxisWindows.longestWindow(
        count: shape[axis], size: size, alignment: field.alignment[axis], halo: halo[axis])
    }
    let costs = (0..<3).map { axis in
      candidates[axis].map { size in
        AxisWindows.cost(
          count: shape[axis], size: size, alignment: field.alignment[axis], halo: halo[axis])
      }
    }
    var best: (cost: Int, core: [Int])?
    for (z, depth) in candidates[0].enumerated() {
      for (y, height) in candidates[1].enumerated() {
        let rows = window(0, depth) * window(1, height)
        if rows > limit { break }
        for (x, width) in candidates[2].enumerated() where rows * window(2, width) <= limit {
          let cost = costs[0][z] * costs[1][y] * costs[2][x]
          if cost < best?.cost ?? .max { best = (cost, [depth, height, width]) }
        }
      }
    }
    guard let best else { return nil }
    return Tiling(
      kind: .blocks, core: best.core, halo: halo, window: (0..<3).map { window($0, best.core[$0]) },
      overhead: Double(best.cost) / Double(shape.reduce(1, *)))
  }

  /// The smallest window that any exact tiling needs, in voxels.
  static func smallestWindow(shape: [Int], field: ReceptiveField) -> Int {
    (0..<3).reduce(1) { product, axis in
      product
        * AxisWindows.longestWindow(
          count: shape[axis], size: field.alignment[axis], alignment: field.alignment[axis],
          halo: field.halo[axis])
    }
  }

  /// The published patches and strides.
  static let seedPatch = [18, 160, 160]
  static let seedStride = [9, 80, 80]

  /// The published way, with blocks large enough that few patches are computed twice.
  static func seed(shape: [Int]) -> Tiling {
    let patch = zip(seedPatch, shape).map { min($0, $1) }
    let core = (0..<3).map { min(shape[$0], 4 * seedPatch[$0]) }
    let overhead = (0..<3).reduce(1.0) { product, axis in
      let starts = patchStarts(count: shape[axis], patch: patch[axis], stride: seedStride[axis])
      return product * Double(starts.count * patch[axis]) / Double(shape[axis])
    }
    return Tiling(kind: .patches, core: core, halo: [0, 0, 0], window: patch, overhead: overhead)
  }

  /// Where patches begin along an axis: every stride, and once more so that the last voxel is covered.
  static func patchStarts(count: Int, patch: Int, stride: Int) -> [Int] {
    if count <= patch { return [0] }
    return Array(Swift.stride(from: 0, to: count - patch, by: stride)) + [count - patch]
  }

  /// How many shards along each axis are computed together, so that a block is about a tile.
  ///
  /// - Parameters:
  ///   - shard: The size of a shard on the working grid along each axis.
  ///   - counts: How many shards there are.
  ///   - shape: Of the working grid.
  func block(shard: [Double], counts: [Int], shape: [Int]) -> [Int] {
    (0..<3).map { axis in
      if core[axis] >= shape[axis] { return max(1, counts[axis]) }
      return min(max(1, Int(Double(core[axis]) / shard[axis])), max(1, counts[axis]))
    }
  }
}
