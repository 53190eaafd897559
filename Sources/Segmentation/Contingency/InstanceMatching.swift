// SPDX-License-Identifier: Apache-2.0

/// Which predicted instances find which true ones: those whose intersection over union exceeds a
/// threshold. From a threshold of 0.5 on each instance has at most one partner.
public struct InstanceMatching: Hashable, Sendable {
  /// Two instances that match.
  public struct Match: Hashable, Sendable {
    /// The truth's instance.
    public let truth: UInt64
    /// The prediction's instance.
    public let prediction: UInt64
    /// Their intersection over union.
    public let iou: Double
  }

  /// The matches, by rising id of the truth.
  public let matches: [Match]
  /// Predicted instances without partner.
  public let falsePositives: Int
  /// True instances without partner.
  public let falseNegatives: Int

  /// Matches the instances of a table; label 0 is no instance.
  ///
  /// - Parameter threshold: Must be exceeded.
  /// - Precondition: `0.5 ≤ threshold < 1`.
  /// - Complexity: O(pairs of labels × log).
  public init(_ contingency: Contingency, threshold: Double) {
    precondition(threshold >= 0.5 && threshold < 1, "matching is unique from a threshold of 0.5 on")
    let truth = contingency.truthVoxels
    let prediction = contingency.predictionVoxels
    matches = contingency.pairs.compactMap { pair, voxels in
      guard pair.truth != 0 && pair.prediction != 0 else { return nil }
      let union = (truth[pair.truth] ?? 0) + (prediction[pair.prediction] ?? 0) - voxels
      let iou = Double(voxels) / Double(union)
      return iou > threshold ? Match(truth: pair.truth, prediction: pair.prediction, iou: iou) : nil
    }
    falsePositives = prediction.keys.count { $0 != 0 } - matches.count
    falseNegatives = truth.keys.count { $0 != 0 } - matches.count
  }

  /// How many instances have a partner.
  public var truePositives: Int { matches.count }

  /// TP / (TP + FP); `nil` where nothing was predicted.
  public var precision: Double? { ratio(truePositives, truePositives + falsePositives) }

  /// TP / (TP + FN); `nil` where there is nothing to find.
  public var recall: Double? { ratio(truePositives, truePositives + falseNegatives) }

  /// 2 TP / (2 TP + FP + FN); `nil` where neither has an instance, as of the next two.
  public var f1: Double? {
    ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives)
  }

  /// TP / (TP + FP + FN).
  public var averagePrecision: Double? {
    ratio(truePositives, truePositives + falsePositives + falseNegatives)
  }

  /// The matches' IoU summed, over TP + FP / 2 + FN / 2. Kirillov et al. 2019,
  /// doi:10.1109/CVPR.2019.00963.
  public var panopticQuality: Double? {
    let denominator = Double(2 * truePositives + falsePositives + falseNegatives) / 2
    return denominator == 0 ? nil : matches.reduce(0) { $0 + $1.iou } / denominator
  }
}
