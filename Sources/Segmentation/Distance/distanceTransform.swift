// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// The distance of every voxel of an object to the nearest voxel outside of all objects.
///
/// What lies beyond the array is unknown and counts for nothing. Blocks that are given with everything
/// nearer than `limit` around them have the values of the whole, bit for bit.
///
/// - Parameters:
///   - mask: Of shape [z, y, x] or [y, x]; integers or `bool`, 0 outside.
///   - voxelSize: In nm.
///   - limit: Larger distances are given as this one, in nm.
/// - Returns: `float32` of the same shape, nm, 0 outside.
/// - Complexity: O(voxels × limit / voxel size).
public func distanceTransform(of mask: NDArray, voxelSize: VoxelSize, limit: Double) -> NDArray {
  precondition(mask.rank == 2 || mask.rank == 3, "distances are of slices or blocks")
  let extent = mask.rank == 3 ? mask.extent : Extent([1] + mask.extent.sizes)
  var marks = [UInt8](repeating: 0, count: mask.count)
  var runs = [LabelRun]()
  let width = extent[2]
  for row in 0..<mask.rowCount {
    LabelRun.read(mask, row: row, into: &runs)
    for run in runs where run.value == 0 {
      for x in run.start..<run.end { marks[row * width + x] = 1 }
    }
  }
  let squares = squaredDistances(
    toMarks: marks, extent: extent, spacing: voxelSize.nanometres, limit: limit)
  return NDArray(squares.map { $0.squareRoot() }, mask.extent)
}
