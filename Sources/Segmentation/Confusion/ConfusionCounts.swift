// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// How many voxels a prediction and a truth agree and disagree on, and the measures made of that.
///
/// A measure whose denominator is 0 is `nil`: nothing predicted where nothing is there is neither
/// a success nor a failure. Ratios over several boxes or volumes are ratios of summed counts.
public struct ConfusionCounts: Codable, Hashable, Sendable {
  /// Foreground in both.
  public var truePositives: Int
  /// Foreground in the prediction alone.
  public var falsePositives: Int
  /// Foreground in the truth alone.
  public var falseNegatives: Int
  /// Background in both.
  public var trueNegatives: Int

  /// Counts had elsewhere; all 0 if left out.
  public init(
    truePositives: Int = 0, falsePositives: Int = 0, falseNegatives: Int = 0, trueNegatives: Int = 0
  ) {
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.falseNegatives = falseNegatives
    self.trueNegatives = trueNegatives
  }

  /// Counts the voxels of two label arrays.
  ///
  /// - Parameters:
  ///   - prediction: Labels of any integer type or `bool`.
  ///   - predictionForeground: The values of `prediction` that are foreground.
  ///   - truth: Labels of the same shape.
  ///   - truthForeground: The values of `truth` that are foreground.
  /// - Precondition: Equal shapes, no floating-point type.
  /// - Complexity: O(voxels).
  public init(
    prediction: NDArray, predictionForeground: LabelSelection = .nonzero,
    truth: NDArray, truthForeground: LabelSelection = .nonzero
  ) {
    var counts = ConfusionCounts()
    forEachCommonRun(prediction, truth) { predicted, actual, length in
      switch (predictionForeground.contains(predicted), truthForeground.contains(actual)) {
      case (true, true): counts.truePositives += length
      case (true, false): counts.falsePositives += length
      case (false, true): counts.falseNegatives += length
      case (false, false): counts.trueNegatives += length
      }
    }
    self = counts
  }

  /// All voxels.
  public var total: Int { truePositives + falsePositives + falseNegatives + trueNegatives }

  /// 2 TP / (2 TP + FP + FN).
  public var dice: Double? {
    ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives)
  }

  /// TP / (TP + FP + FN), the intersection over union of the foreground.
  public var iouForeground: Double? {
    ratio(truePositives, truePositives + falsePositives + falseNegatives)
  }

  /// TN / (TN + FP + FN), the intersection over union of the background.
  public var iouBackground: Double? {
    ratio(trueNegatives, trueNegatives + falsePositives + falseNegatives)
  }

  /// The mean of ``iouForeground`` and ``iouBackground``; `nil` unless both are defined.
  ///
  /// Much higher than the foreground's where the foreground is rare: never report it alone.
  public var iouMean: Double? {
    guard let iouForeground, let iouBackground else { return nil }
    return (iouForeground + iouBackground) / 2
  }

  /// TP / (TP + FP).
  public var precision: Double? { ratio(truePositives, truePositives + falsePositives) }

  /// TP / (TP + FN).
  public var recall: Double? { ratio(truePositives, truePositives + falseNegatives) }

  /// (TP + TN) / all.
  public var accuracy: Double? { ratio(truePositives + trueNegatives, total) }

  /// The counts of two disjoint sets of voxels together.
  public static func + (a: ConfusionCounts, b: ConfusionCounts) -> ConfusionCounts {
    ConfusionCounts(
      truePositives: a.truePositives + b.truePositives,
      falsePositives: a.falsePositives + b.falsePositives,
      falseNegatives: a.falseNegatives + b.falseNegatives,
      trueNegatives: a.trueNegatives + b.trueNegatives)
  }

  /// Adds the counts of other voxels.
  public static func += (a: inout ConfusionCounts, b: ConfusionCounts) { a = a + b }
}

/// `a / b`, or `nil` where `b` is 0.
func ratio(_ a: Int, _ b: Int) -> Double? { b == 0 ? nil : Double(a) / Double(b) }
