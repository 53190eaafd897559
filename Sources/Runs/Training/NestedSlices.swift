// SPDX-License-Identifier: Apache-2.0

import Networks

/// Draws some of the labelled slices, spread over z, so that more slices always contain the fewer.
enum NestedSlices {
  /// The first `count` of the order that a seed gives: a slice drawn at random, then always the one that
  /// is farthest from all before it, the lower one of two.
  ///
  /// - Returns: In rising order; all of them if there are no more than `count`.
  static func drawn(_ count: Int, of slices: [Int], seed: UInt64) -> [Int] {
    let slices = Set(slices).sorted()
    guard count < slices.count else { return slices }
    guard count > 0 else { return [] }
    var random = SplitMix64(seed: seed, name: "slices")
    var chosen = [slices[Int(random.next() % UInt64(slices.count))]]
    var distances = slices.map { abs($0 - chosen[0]) }
    while chosen.count < count {
      var farthest = 0
      for index in slices.indices where distances[index] > distances[farthest] { farthest = index }
      chosen.append(slices[farthest])
      for index in slices.indices {
        distances[index] = min(distances[index], abs(slices[index] - slices[farthest]))
      }
    }
    return chosen.sorted()
  }
}
