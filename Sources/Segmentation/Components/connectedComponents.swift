// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// Numbers the connected pieces of a label array.
///
/// Two neighbours belong together if they have one value other than 0. Two passes over the runs of
/// the rows with a union–find forest (Rosenfeld and Pfaltz 1966, doi:10.1145/321356.321357), so
/// that the memory needed beside the result grows with the number of runs.
///
/// - Parameters:
///   - labels: Of shape [z, y, x] or [y, x]; integers or `bool`.
///   - connectivity: Which voxels are neighbours; in a slice faces are 4 and corners 8.
/// - Returns: `uint64` numbers of the same shape, 0 where `labels` is 0, otherwise 1, 2, … `count`
///   by the raster order of each piece's first voxel.
/// - Precondition: Two or three axes, no floating-point type.
/// - Complexity: O(voxels + runs × α(runs)).
public func connectedComponents(
  _ labels: NDArray, connectivity: Connectivity
) -> (labels: NDArray, count: Int) {
  precondition(labels.rank == 2 || labels.rank == 3, "components are of slices or blocks")
  let (rows, numbers, count) = componentRuns(labels, rowsBefore: connectivity.rowsBefore)
  var result = NDArray(.uint64, labels.extent)
  let width = labels.extent.sizes.last ?? 0
  result.withMutableSpan(of: UInt64.self) { target in
    for (number, run) in zip(numbers, rows) {
      for x in run.start..<run.end { target[run.row * width + x] = number }
    }
  }
  return (result, count)
}
