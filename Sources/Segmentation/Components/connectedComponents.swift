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
  let height = labels.extent[labels.rank - 2]
  var forest = RunForest()
  var rowStarts = [0]
  var row = [LabelRun]()
  for index in 0..<labels.rowCount {
    LabelRun.read(labels, row: index, into: &row)
    for run in row where run.value != 0 { forest.append(run) }
    rowStarts.append(forest.runs.count)
    let (z, y) = index.quotientAndRemainder(dividingBy: height)
    for before in connectivity.rowsBefore where z + before.z >= 0 && (0..<height).contains(y + before.y) {
      let other = (z + before.z) * height + y + before.y
      forest.join(
        rowStarts[index]..<rowStarts[index + 1], rowStarts[other]..<rowStarts[other + 1],
        reach: before.x)
    }
  }
  let (numbers, count) = forest.numbers()
  var result = NDArray(.uint64, labels.extent)
  let width = labels.extent.sizes.last ?? 0
  result.withMutableSpan(of: UInt64.self) { target in
    for index in 0..<rowStarts.count - 1 {
      for run in rowStarts[index]..<rowStarts[index + 1] {
        for x in forest.runs[run].start..<forest.runs[run].end { target[index * width + x] = numbers[run] }
      }
    }
  }
  return (result, count)
}

/// Runs and which of them belong together; the root of a tree is its first run.
private struct RunForest {
  private(set) var runs: [LabelRun] = []
  private var parents: [Int] = []

  mutating func append(_ run: LabelRun) {
    parents.append(runs.count)
    runs.append(run)
  }

  /// Joins the runs of two rows that have one value and come within `reach` of each other's columns.
  mutating func join(_ row: Range<Int>, _ other: Range<Int>, reach: Int) {
    var (a, b) = (row.lowerBound, other.lowerBound)
    while a < row.upperBound && b < other.upperBound {
      joinIfTouching(a, b, reach: reach)
      let (end, otherEnd) = (runs[a].end, runs[b].end)
      // The run that ends first has met all it can meet; of two that end together each may still
      // meet the other's follower.
      if end == otherEnd && a + 1 < row.upperBound { joinIfTouching(a + 1, b, reach: reach) }
      if end < otherEnd { a += 1 } else { b += 1 }
    }
  }

  private mutating func joinIfTouching(_ a: Int, _ b: Int, reach: Int) {
    let (first, second) = (runs[a], runs[b])
    if first.value == second.value && first.start < second.end + reach
      && second.start < first.end + reach
    {
      unite(a, b)
    }
  }

  /// A number for each run, 1 for the tree whose first run comes first, and how many trees there are.
  mutating func numbers() -> (numbers: [UInt64], count: Int) {
    var numbers = [UInt64](repeating: 0, count: runs.count)
    var count = 0
    for run in runs.indices {
      let root = root(of: run)
      if root == run {
        count += 1
        numbers[run] = UInt64(count)
      } else {
        numbers[run] = numbers[root]
      }
    }
    return (numbers, count)
  }

  private mutating func unite(_ a: Int, _ b: Int) {
    let (first, second) = (root(of: a), root(of: b))
    if first < second { parents[second] = first } else { parents[first] = second }
  }

  /// The first run of the tree; halves the way to it.
  private mutating func root(of run: Int) -> Int {
    var run = run
    while parents[run] != run {
      parents[run] = parents[parents[run]]
      run = parents[run]
    }
    return run
  }
}
