// SPDX-License-Identifier: Apache-2.0

/// The adapted Rand error of a segmentation: 1 − F, where F is the harmonic mean of the chances that
/// two voxels together in one segmentation are together in the other, too.
///
/// Arganda-Carreras et al. 2015, doi:10.3389/fnana.2015.00142, over unordered pairs of distinct
/// voxels as scikit-image computes it. Voxels whose true label is 0 are left out; a predicted 0 is
/// a label like the others.
public struct AdaptedRandError: Hashable, Sendable {
  /// 0 for equal segmentations; `nil` where no two voxels are together in either.
  public let error: Double?
  /// Of the pairs together in the truth, the share together in the prediction: low where objects
  /// are split. scikit-image 0.25 calls it precision, others recall.
  public let splitScore: Double?
  /// Of the pairs together in the prediction, the share together in the truth: low where objects
  /// are merged. scikit-image 0.25 calls it recall, others precision.
  public let mergeScore: Double?

  /// - Complexity: O(pairs of labels).
  public init(_ contingency: Contingency) {
    let kept = contingency.ignoringUnlabelledTruth
    let both = Self.pairs(kept.pairs.map(\.voxels))
    let truth = Self.pairs(kept.truthVoxels.values)
    let prediction = Self.pairs(kept.predictionVoxels.values)
    mergeScore = prediction == 0 ? nil : Double(both) / Double(prediction)
    splitScore = truth == 0 ? nil : Double(both) / Double(truth)
    error = truth + prediction == 0 ? nil : 1 - Double(2 * both) / Double(truth + prediction)
  }

  /// How many ordered pairs of distinct voxels lie inside sets of the given sizes.
  private static func pairs(_ sizes: some Sequence<Int>) -> UInt128 {
    sizes.reduce(0) { $0 + UInt128($1) * UInt128($1 - 1) }
  }
}
