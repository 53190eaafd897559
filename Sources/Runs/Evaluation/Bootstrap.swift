// SPDX-License-Identifier: Apache-2.0

/// How far a score would vary if other columns of the same volume had been labelled: percentile intervals
/// over columns drawn with replacement (Efron 1979, doi:10.1214/aos/1176344552).
struct Bootstrap {
  /// How often columns are drawn.
  let count: Int
  let seed: UInt64

  /// The 2.5 % and 97.5 % quantiles of a score of drawn columns; `nil` with fewer than two columns, or if
  /// the score is never defined.
  ///
  /// - Parameters:
  ///   - columns: What was counted in each column that has voxels, in rising order of the columns.
  ///   - score: Of the sum of drawn columns.
  func interval<Counts>(
    _ columns: [Counts], sum: (inout Counts, Counts) -> Void, zero: Counts, score: (Counts) -> Double?
  ) -> (low: Double, high: Double)? {
    guard columns.count > 1, count > 0 else { return nil }
    var scores: [Double] = []
    for draw in 0..<count {
      var total = zero
      for place in columns.indices {
        let random = Self.mixed(seed &+ Self.mixed(UInt64(draw) << 32 | UInt64(place)))
        sum(&total, columns[Int(random.multipliedFullWidth(by: UInt64(columns.count)).high)])
      }
      if let value = score(total) { scores.append(value) }
    }
    if scores.isEmpty { return nil }
    scores.sort()
    func quantile(_ share: Double) -> Double {
      scores[max(0, Int((Double(scores.count) * share).rounded(.up)) - 1)]
    }
    return (quantile(0.025), quantile(0.975))
  }

  /// Steele et al. 2014, doi:10.1145/2660193.2660195.
  private static func mixed(_ state: UInt64) -> UInt64 {
    var value = state &+ 0x9E37_79B9_7F4A_7C15
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
