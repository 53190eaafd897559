// SPDX-License-Identifier: Apache-2.0

/// In which order pairs take turns: each as often as its weight asks for, spread as evenly as can be, and
/// always from the start the same.
struct WeightedTurns: Sendable {
  /// One cycle.
  let order: [Int]

  /// Turns in a cycle of unequal weights; shares are kept to this fineness.
  private static let length = 1000

  /// - Parameters:
  ///   - count: How many take turns.
  ///   - weights: One for each, or none for equal ones.
  init(count: Int, weights: [Double]) {
    guard let first = weights.first, weights.contains(where: { $0 != first }) else {
      order = Array(0..<count)
      return
    }
    // Whoever is farthest behind its share is next.
    let sum = weights.reduce(0, +)
    var had = [Double](repeating: 0, count: count)
    var order: [Int] = []
    for turn in 1...Self.length {
      var next = 0
      func lag(_ index: Int) -> Double { Double(turn) * weights[index] / sum - had[index] }
      for index in 0..<count where lag(index) > lag(next) { next = index }
      had[next] += 1
      order.append(next)
    }
    self.order = order
  }

  /// Whose turn it is.
  subscript(turn: Int) -> Int { order[turn % order.count] }
}
