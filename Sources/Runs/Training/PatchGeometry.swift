// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks

/// Where patches of one shape can lie in a volume seen on its working grid.
struct PatchGeometry: Sendable {
  let grid: WorkingGrid
  /// Depth, height and width in seen voxels.
  let patch: [Int]

  /// The slices and the place of a patch.
  struct Place: Hashable, Sendable {
    /// Of the volume, one for each plane of the patch.
    let slices: [Int]
    /// Of the first voxel, in seen voxels.
    let y: Int
    let x: Int
  }

  /// The deepest patch that fits around every slice of some ranges, between slices that the volume lacks.
  static func depth(around slices: [Range<Int>], in grid: WorkingGrid) -> Int {
    let runs = (0..<grid.stride).flatMap { phase in
      let runs = grid.runs(phase: phase)
      return slices.flatMap { slices in
        let planes = grid.planes(of: slices, phase: phase)
        return runs.filter { $0.overlaps(planes) }
      }
    }
    return runs.map(\.count).min() ?? 1
  }

  /// The place of a patch that has a voxel somewhere near its middle, never outside the volume, and without
  /// a slice that the volume lacks.
  ///
  /// - Parameters:
  ///   - z: The voxel's slice in the volume, which has it; it is always one of the patch's.
  ///   - y: Its row in seen voxels.
  ///   - x: Its column in seen voxels.
  func place(around z: Int, _ y: Int, _ x: Int, _ random: inout SplitMix64) -> Place {
    let phase = z % grid.stride
    guard let run = grid.run(of: z) else { preconditionFailure("labels count only where there is an image") }
    let first =
      run.lowerBound + Self.start(z / grid.stride - run.lowerBound, patch[0], of: run.count, &random)
    return Place(
      slices: (0..<patch[0]).map { phase + (first + $0) * grid.stride },
      y: Self.start(y, patch[1], of: grid.extent[1], &random),
      x: Self.start(x, patch[2], of: grid.extent[2], &random))
  }

  /// Where an interval begins that has `centre` in its middle half, as far as the ends allow.
  private static func start(
    _ centre: Int, _ length: Int, of whole: Int, _ random: inout SplitMix64
  ) -> Int {
    let jitter = Int(random.next() % UInt64(max(1, length / 2 + 1)))
    let wanted = centre - length / 4 - jitter
    // With a single voxel of room the voxel itself must stay inside.
    let inside = min(max(wanted, centre - length + 1), centre)
    return min(max(inside, 0), whole - length)
  }
}
