// SPDX-License-Identifier: Apache-2.0

import Arrays

/// The runs of a label array other than 0, with their rows, the component that each belongs to, and how
/// many components there are.
///
/// Components are numbered from 1 by the raster order of their first voxels.
func componentRuns(
  _ labels: NDArray, rowsBefore: [(z: Int, y: Int, x: Int)]
) -> (runs: [ComponentRun], numbers: [UInt64], count: Int) {
  let height = labels.rank < 2 ? 1 : labels.extent[labels.rank - 2]
  var forest = RunForest()
  var rowStarts = [0]
  rowStarts.reserveCapacity(labels.rowCount + 1)
  var row = [LabelRun]()
  for index in 0..<labels.rowCount {
    LabelRun.read(labels, row: index, into: &row)
    for run in row where run.value != 0 { forest.append(run, row: index) }
    let here = rowStarts[index]..<forest.runs.count
    rowStarts.append(forest.runs.count)
    if here.isEmpty { continue }
    let (z, y) = index.quotientAndRemainder(dividingBy: height)
    for before in rowsBefore where z + before.z >= 0 && (0..<height).contains(y + before.y) {
      let other = (z + before.z) * height + y + before.y
      forest.join(here, rowStarts[other]..<rowStarts[other + 1], reach: before.x)
    }
  }
  let (numbers, count) = forest.numbers()
  return (forest.runs, numbers, count)
}

/// A run of a label array, and where it is.
struct ComponentRun {
  /// The number of the row among all rows.
  let row: Int
  /// The first column.
  let start: Int
  /// One past the last column.
  let end: Int
  /// The label.
  let value: UInt64
}

/// Runs and which of them belong together; the root of a tree is its first run.
private struct RunForest {
  private(set) var runs: [ComponentRun] = []
  private var forest = Forest()

  mutating func append(_ run: LabelRun, row: Int) {
    forest.grow()
    runs.append(ComponentRun(row: row, start: run.start, end: run.end, value: run.value))
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
      forest.unite(a, b)
    }
  }

  /// A number for each run, 1 for the tree whose first run comes first, and how many trees there are.
  mutating func numbers() -> (numbers: [UInt64], count: Int) {
    var numbers = [UInt64](repeating: 0, count: runs.count)
    var count = 0
    for run in runs.indices {
      let root = forest.root(of: run)
      if root == run {
        count += 1
        numbers[run] = UInt64(count)
      } else {
        numbers[run] = numbers[root]
      }
    }
    return (numbers, count)
  }
}
