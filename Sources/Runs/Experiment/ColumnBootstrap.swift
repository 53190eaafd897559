// SPDX-License-Identifier: Apache-2.0

import Networks

/// The 95 % interval of a mean difference of IoU, had other columns of the volume been looked at: columns are
/// drawn with replacement, the same for all models, and IoU is a ratio of summed counts (Efron and Tibshirani
/// 1993, percentile interval).
struct ColumnBootstrap: Hashable {
  let low: Double
  let high: Double

  private static let draws = 2000

  /// - Parameter pairs: For each repetition the counts of two models, column by column.
  /// - Returns: `nil` for fewer than three columns.
  init?(_ pairs: [(a: [[Int]], b: [[Int]])]) {
    let count = pairs.first?.a.count ?? 0
    guard count >= 3, pairs.allSatisfy({ $0.a.count == count && $0.b.count == count }) else { return nil }
    var random = SplitMix64(seed: 0, name: "columns")
    var means: [Double] = []
    for _ in 0..<Self.draws {
      let drawn = (0..<count).map { _ in Int(random.next() % UInt64(count)) }
      let differences = pairs.compactMap { pair -> Double? in
        guard let a = Self.iou(pair.a, drawn), let b = Self.iou(pair.b, drawn) else { return nil }
        return a - b
      }
      if differences.isEmpty { continue }
      means.append(differences.reduce(0, +) / Double(differences.count))
    }
    if means.isEmpty { return nil }
    means.sort()
    low = means[Int(0.025 * Double(means.count - 1))]
    high = means[Int((0.975 * Double(means.count - 1)).rounded(.up))]
  }

  private static func iou(_ columns: [[Int]], _ drawn: [Int]) -> Double? {
    var (positive, all) = (0, 0)
    for column in drawn {
      positive += columns[column][0]
      all += columns[column].reduce(0, +)
    }
    return all == 0 ? nil : Double(positive) / Double(all)
  }
}
