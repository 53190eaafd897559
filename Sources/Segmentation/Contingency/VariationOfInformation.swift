// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The variation of information between a prediction and a truth in bits, over all voxels, label 0
/// being a label like the others. Meilă 2007, doi:10.1016/j.jmva.2006.11.013.
public struct VariationOfInformation: Hashable, Sendable {
  /// H(prediction | truth): what objects of the truth being split costs.
  public let split: Double
  /// H(truth | prediction): what objects of the truth being merged costs.
  public let merge: Double

  /// Both together; 0 for equal segmentations.
  public var sum: Double { split + merge }

  /// `nil` where there is no voxel.
  ///
  /// - Complexity: O(pairs of labels × log).
  public init?(_ contingency: Contingency) {
    let pairs = contingency.pairs
    let total = Double(pairs.reduce(0) { $0 + $1.voxels })
    if total == 0 { return nil }
    let truth = contingency.truthVoxels
    let prediction = contingency.predictionVoxels
    var (split, merge) = (0.0, 0.0)
    for (pair, voxels) in pairs {
      let both = Double(voxels)
      split -= both / total * log2(both / Double(truth[pair.truth] ?? 0))
      merge -= both / total * log2(both / Double(prediction[pair.prediction] ?? 0))
    }
    // Adding 0 turns −0 into 0.
    self.split = split + 0
    self.merge = merge + 0
  }
}
