// SPDX-License-Identifier: Apache-2.0

/// Which numbers belong together; the root of a tree is its least number, unless trees were hung under others.
///
/// Rosenfeld and Pfaltz 1966, doi:10.1145/321356.321357.
struct Forest {
  private var parents: [Int] = []

  init(count: Int = 0) { parents = Array(0..<count) }

  /// Adds a number that belongs to no other.
  mutating func grow() { parents.append(parents.count) }

  mutating func unite(_ a: Int, _ b: Int) {
    let (first, second) = (root(of: a), root(of: b))
    if first < second { parents[second] = first } else { parents[first] = second }
  }

  /// Joins the tree with this root to that of another number, whose root stays.
  mutating func hang(_ root: Int, under other: Int) { parents[root] = other }

  /// The root of the tree; halves the way to it.
  mutating func root(of number: Int) -> Int {
    var number = number
    while parents[number] != number {
      parents[number] = parents[parents[number]]
      number = parents[number]
    }
    return number
  }
}
