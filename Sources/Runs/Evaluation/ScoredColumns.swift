// SPDX-License-Identifier: Apache-2.0

import Arrays

/// A region cut into columns through all z, each at least 1 µm wide along y and x: what the bootstrap
/// draws.
struct ScoredColumns: Sendable {
  /// The least width, in nm.
  static let width = 1000.0

  private let region: Box
  private let counts: [Int]

  /// - Parameter isCut: Whether there is more than one column.
  init(_ region: Box, voxelSize: VoxelSize, isCut: Bool) {
    self.region = region
    counts = [1, 2].map { axis in
      let least = Int((Self.width / voxelSize.nanometres[axis]).rounded(.up))
      return isCut ? max(1, region.extent[axis] / max(1, least)) : 1
    }
  }

  /// The number of the column of a voxel.
  func column(y: Int, x: Int) -> Int { line(y) * counts[1] + part(x) }

  private func line(_ y: Int) -> Int { (y - region.lower[1]) * counts[0] / max(1, region.extent[1]) }

  private func part(_ x: Int) -> Int { (x - region.lower[2]) * counts[1] / max(1, region.extent[2]) }

  /// The parts of a row that lie in one column each.
  func parts(y: Int, x: Range<Int>) -> [(column: Int, x: Range<Int>)] {
    if counts[1] == 1 { return [(line(y), x)] }
    var result: [(column: Int, x: Range<Int>)] = []
    var start = x.lowerBound
    while start < x.upperBound {
      let here = part(start)
      // The first voxel of the next column.
      let next = region.lower[2] + ((here + 1) * region.extent[2] + counts[1] - 1) / counts[1]
      let end = min(x.upperBound, next)
      result.append((line(y) * counts[1] + here, start..<end))
      start = end
    }
    return result
  }
}
