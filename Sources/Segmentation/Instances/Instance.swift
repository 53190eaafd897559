// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// One instance of a label volume.
public struct Instance: Hashable, Sendable {
  /// Its label.
  public let id: UInt64
  /// How many voxels it has.
  public let voxels: Int
  /// The smallest box that holds it, in voxels.
  public let box: Box
  /// The mean position of its voxels, in voxels; a voxel's position is its index.
  public let centroid: [Double]
}

/// The instances of a label array by rising id; label 0 is none.
///
/// - Parameters:
///   - labels: Of shape [z, y, x]; integers or `bool`.
///   - origin: Where the array lies in its volume: added to boxes and centroids.
/// - Precondition: Three axes each, no floating-point type.
/// - Complexity: O(voxels).
public func instances(of labels: NDArray, origin: [Int] = [0, 0, 0]) -> [Instance] {
  precondition(labels.rank == 3 && origin.count == 3, "instances are of blocks [z, y, x]")
  var sums: [UInt64: Sums] = [:]
  var runs = [LabelRun]()
  for row in 0..<labels.rowCount {
    LabelRun.read(labels, row: row, into: &runs)
    let (z, y) = row.quotientAndRemainder(dividingBy: labels.extent[1])
    for run in runs where run.value != 0 { sums[run.value, default: Sums()].add(run, z: z, y: y) }
  }
  return sums.keys.sorted().compactMap { id in sums[id].map { $0.instance(id, origin: origin) } }
}

/// What is summed over an instance's runs.
private struct Sums {
  private var voxels = 0
  private var lower = SIMD3(repeating: Int.max)
  private var upper = SIMD3(repeating: Int.min)
  private var positions = SIMD3(repeating: 0)

  mutating func add(_ run: LabelRun, z: Int, y: Int) {
    let length = run.end - run.start
    voxels += length
    lower = pointwiseMin(lower, SIMD3(z, y, run.start))
    upper = pointwiseMax(upper, SIMD3(z + 1, y + 1, run.end))
    positions &+= SIMD3(z * length, y * length, (run.start + run.end - 1) * length / 2)
  }

  func instance(_ id: UInt64, origin: [Int]) -> Instance {
    Instance(
      id: id, voxels: voxels,
      box: Box(lower: (0..<3).map { lower[$0] }, upper: (0..<3).map { upper[$0] }).translated(by: origin),
      centroid: (0..<3).map { Double(positions[$0]) / Double(voxels) + Double(origin[$0]) })
  }
}
