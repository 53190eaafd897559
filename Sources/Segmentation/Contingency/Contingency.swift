// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// How many voxels each pair of a predicted and a true label shares: what all measures of
/// instances are computed from. Blocks are added one after another; their order does not matter.
public struct Contingency: Sendable {
  /// A label of the truth and one of the prediction.
  public struct Pair: Hashable, Comparable, Sendable {
    /// The truth's label.
    public let truth: UInt64
    /// The prediction's label.
    public let prediction: UInt64

    /// By the truth's label, then by the prediction's.
    public static func < (a: Pair, b: Pair) -> Bool {
      (a.truth, a.prediction) < (b.truth, b.prediction)
    }
  }

  private var table: [Pair: Int] = [:]

  /// An empty table.
  public init() {}

  /// The table of one block.
  ///
  /// - Precondition: Equal shapes, no floating-point type.
  public init(prediction: NDArray, truth: NDArray) {
    self.init()
    add(prediction: prediction, truth: truth)
  }

  /// Counts the voxels of a block.
  ///
  /// - Precondition: Equal shapes, no floating-point type.
  /// - Complexity: O(voxels).
  public mutating func add(prediction: NDArray, truth: NDArray) {
    var table = table
    self.table = [:]
    forEachCommonRun(prediction, truth) { prediction, truth, length in
      table[Pair(truth: truth, prediction: prediction), default: 0] += length
    }
    self.table = table
  }

  /// Counts voxels that were counted elsewhere.
  public mutating func add(_ voxels: Int, truth: UInt64, prediction: UInt64) {
    if voxels > 0 { table[Pair(truth: truth, prediction: prediction), default: 0] += voxels }
  }

  /// The pairs that share voxels, in rising order, so that sums over them are always the same.
  public var pairs: [(pair: Pair, voxels: Int)] {
    table.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The voxels of each label of the truth, 0 included.
  public var truthVoxels: [UInt64: Int] {
    table.reduce(into: [:]) { $0[$1.key.truth, default: 0] += $1.value }
  }

  /// The voxels of each label of the prediction, 0 included.
  public var predictionVoxels: [UInt64: Int] {
    table.reduce(into: [:]) { $0[$1.key.prediction, default: 0] += $1.value }
  }

  /// The table without the voxels whose true label is 0.
  public var ignoringUnlabelledTruth: Contingency {
    var result = Contingency()
    result.table = table.filter { $0.key.truth != 0 }
    return result
  }
}
