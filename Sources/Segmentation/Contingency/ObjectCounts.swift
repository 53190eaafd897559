// SPDX-License-Identifier: Apache-2.0

/// How many objects were found, missed and made up; counts of several parts of a volume can be added.
public struct ObjectCounts: Codable, Hashable, Sendable {
  /// True objects with a partner.
  public var truePositives = 0
  /// Predicted objects without partner.
  public var falsePositives = 0
  /// True objects without partner.
  public var falseNegatives = 0
  /// The IoU of all partners.
  public var iouSum = 0.0

  public init() {}

  /// TP / (TP + FP + FN); `nil` where neither has an object, as of the others.
  public var averagePrecision: Double? {
    ratio(truePositives, truePositives + falsePositives + falseNegatives)
  }

  /// 2 TP / (2 TP + FP + FN).
  public var f1: Double? { ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives) }

  /// The IoU of all partners over TP + FP / 2 + FN / 2. Kirillov et al. 2019, doi:10.1109/CVPR.2019.00963.
  public var panopticQuality: Double? {
    let denominator = Double(2 * truePositives + falsePositives + falseNegatives) / 2
    return denominator == 0 ? nil : iouSum / denominator
  }

  /// The counts of two sets of objects together.
  public static func += (a: inout ObjectCounts, b: ObjectCounts) {
    a.truePositives += b.truePositives
    a.falsePositives += b.falsePositives
    a.falseNegatives += b.falseNegatives
    a.iouSum += b.iouSum
  }
}
