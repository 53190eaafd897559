// SPDX-License-Identifier: Apache-2.0

extension [Range<Int>] {
  /// The same positions in ranges that do not meet, in rising order, without empty ones.
  public func merged() -> [Range<Int>] {
    filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { merged, range in
      if let last = merged.last, last.upperBound >= range.lowerBound {
        merged[merged.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
  }
}
