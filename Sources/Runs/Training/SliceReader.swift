// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Synchronization
import VolumeDatabase

/// Reads whole slices of a stored version for preprocessing, each layer of chunks once.
struct SliceReader: Sendable {
  let version: StoredVersion
  let threads: Int

  /// The most raw bytes that are read at once; a slice alone may have more.
  var budget = 256 << 20

  /// What `transform` makes of each slice [y, x], in the order of `slices`.
  ///
  /// - Parameter slices: In rising order.
  func map(
    _ slices: [Int], _ transform: @escaping @Sendable (NDArray) -> NDArray
  ) throws -> [NDArray] {
    var results: [NDArray] = []
    for group in groups(slices) {
      guard let first = group.first, let last = group.last else { continue }
      let shape = version.record.shape
      let block = try version.read(
        Box(lower: [first, 0, 0], upper: [last + 1, shape[1], shape[2]]), threads: threads)
      let made = Mutex([NDArray?](repeating: nil, count: group.count))
      concurrentForEach(count: group.count, threads: threads) { index in
        let z = group[index] - first
        let slice = block.cropped(
          to: Box(lower: [z, 0, 0], upper: [z + 1, shape[1], shape[2]])
        ).reshaped([shape[1], shape[2]])
        let plane = transform(slice)
        made.withLock { $0[index] = plane }
      }
      results += made.withLock { $0.compactMap { $0 } }
    }
    return results
  }

  /// Slices that are read together: of one layer of chunks, and within the budget.
  private func groups(_ slices: [Int]) -> [[Int]] {
    let record = version.record
    let sliceBytes = max(1, record.shape[1] * record.shape[2] * record.dataType.byteCount)
    var groups: [[Int]] = []
    for slice in slices {
      if let group = groups.last, let first = group.first,
        first / record.chunk[0] == slice / record.chunk[0],
        (slice - first + 1) * sliceBytes <= budget
      {
        groups[groups.count - 1].append(slice)
      } else {
        groups.append([slice])
      }
    }
    return groups
  }
}
