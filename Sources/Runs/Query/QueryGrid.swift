// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog

/// Where the voxels of a version lie in space.
struct QueryGrid: Hashable {
  let shape: Extent
  let voxelSize: VoxelSize
  /// The centre of the first voxel, nm, z, y, x.
  let origin: [Double]

  init(_ version: VersionRecord) {
    shape = version.shape
    voxelSize = version.voxelSize
    origin = version.origin
  }

  /// The voxels of this grid whose centres lie in the space that a box of another grid takes; may
  /// reach past this grid's shape.
  func box(covering box: Box, of other: QueryGrid) -> Box {
    if self == other { return box }
    var lower = [0, 0, 0]
    var upper = [0, 0, 0]
    for axis in 0..<3 {
      let size = other.voxelSize.nanometres[axis]
      lower[axis] = firstCentre(after: other.origin[axis] + (Double(box.lower[axis]) - 0.5) * size, axis)
      upper[axis] = firstCentre(after: other.origin[axis] + (Double(box.upper[axis]) - 0.5) * size, axis)
    }
    return Box(lower: lower, upper: upper)
  }

  /// The index of the first voxel whose centre lies at or after a position; a hair's breadth does not
  /// count, because positions are decimals.
  private func firstCentre(after position: Double, _ axis: Int) -> Int {
    let place = (position - origin[axis]) / voxelSize.nanometres[axis]
    let nearest = place.rounded()
    return Int(abs(place - nearest) < 1e-6 ? nearest : place.rounded(.up))
  }
}
