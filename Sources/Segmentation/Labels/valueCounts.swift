// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// How many elements of a label array have which value; signed ones sign-extended to 64 bits.
///
/// - Parameter labels: Of any rank; integers or `bool`.
/// - Complexity: O(voxels), with a look-up for every run of equal voxels along the last axis.
public func valueCounts(of labels: NDArray) -> [UInt64: Int] {
  var counts: [UInt64: Int] = [:]
  var runs = [LabelRun]()
  for row in 0..<labels.rowCount {
    LabelRun.read(labels, row: row, into: &runs)
    for run in runs { counts[run.value, default: 0] += run.end - run.start }
  }
  return counts
}
