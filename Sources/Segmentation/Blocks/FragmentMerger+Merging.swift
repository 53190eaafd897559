// SPDX-License-Identifier: Apache-2.0

extension FragmentMerger {
  /// The objects, once all blocks were added.
  ///
  /// - Parameter minimumVoxels: Smaller objects are left out.
  /// - Complexity: O(fragments × log).
  public mutating func merged(minimumVoxels: Int = 0) -> MergedObjects {
    if case .watershed(let depth) = rule.grouping {
      followExits()
      joinSummits(depth: depth)
    }
    fillHoles()
    var roots = [Int](repeating: 0, count: fragments.count)
    var sums: [Int: Fragment] = [:]
    for number in fragments.indices {
      let root = forest.root(of: number)
      roots[number] = root
      if root == number {
        sums[root] = fragments[number]
      } else if var sum = sums[root] {
        // A root is the least number of its tree, so it was met before.
        let one = fragments[number]
        sum.voxels += one.voxels
        if !one.isBackground { sum.first = min(sum.first, one.first) }
        sum.isBackground = sum.isBackground && one.isBackground
        sum.touchesEdge = sum.touchesEdge || one.touchesEdge
        if sum.value == 0 { sum.value = one.value }
        sums[root] = sum
      }
    }
    let kept = sums.filter { !$0.value.isBackground && $0.value.voxels >= minimumVoxels }
      .sorted { $0.value.first < $1.value.first }
    let numbers = Dictionary(
      uniqueKeysWithValues: kept.enumerated().map { ($0.element.key, UInt64($0.offset + 1)) })
    return MergedObjects(
      objects: kept.map { root, sum in
        MergedObjects.Object(
          voxels: sum.voxels, first: sum.first, value: sum.value, touchesEdge: sum.touchesEdge)
      },
      ids: roots.map { numbers[$0] ?? 0 }, offsets: offsets)
  }

  /// Lets flat places that are no summits lead to the first voxel that leads further up.
  private mutating func followExits() {
    var best: [Int: Exit] = [:]
    for exit in exits {
      let root = forest.root(of: exit.fragment)
      if exit.place < best[root]?.place ?? .max { best[root] = exit }
    }
    for exit in best.values { forest.unite(exit.fragment, exit.target) }
  }

  /// Joins summits between which the way hardly sinks, the highest ways first.
  private mutating func joinSummits(depth: Double) {
    var peaks: [Int: Float] = [:]
    var firsts: [Int: Int] = [:]
    for number in fragments.indices where !fragments[number].isBackground {
      let root = forest.root(of: number)
      peaks[root] = max(peaks[root] ?? 0, fragments[number].peak)
      firsts[root] = min(firsts[root] ?? .max, fragments[number].first)
    }
    var highest: [Pair: Float] = [:]
    for one in contacts where !fragments[one.a].isBackground && !fragments[one.b].isBackground {
      let (a, b) = (forest.root(of: one.a), forest.root(of: one.b))
      if a == b { continue }
      let pair = Pair(a: min(a, b), b: max(a, b))
      highest[pair] = max(highest[pair] ?? 0, one.saddle)
    }
    var ways: [Way] = []
    for (pair, saddle) in highest {
      let first: Int = firsts[pair.a] ?? 0
      let second: Int = firsts[pair.b] ?? 0
      ways.append(
        Way(a: pair.a, b: pair.b, saddle: saddle, first: min(first, second), second: max(first, second)))
    }
    ways.sort { (one: Way, other: Way) -> Bool in one.comesBefore(other) }
    for way in ways {
      let (a, b) = (forest.root(of: way.a), forest.root(of: way.b))
      if a == b { continue }
      let peak = [peaks[a] ?? 0, peaks[b] ?? 0]
      if Double(way.saddle) >= (1 - depth) * Double(peak.min() ?? 0) {
        forest.unite(a, b)
        peaks[forest.root(of: a)] = peak.max() ?? 0
      }
    }
  }

  /// Gives what one object encloses to it.
  private mutating func fillHoles() {
    guard rule.fillsHoles else { return }
    var isOpen: Set<Int> = []
    for number in fragments.indices where fragments[number].isBackground && fragments[number].touchesEdge {
      isOpen.insert(forest.root(of: number))
    }
    var enclosing: [Int: Int] = [:]
    for one in contacts where fragments[one.b].isBackground || fragments[one.a].isBackground {
      let (object, background) =
        fragments[one.b].isBackground
        ? (forest.root(of: one.a), forest.root(of: one.b)) : (forest.root(of: one.b), forest.root(of: one.a))
      if isOpen.contains(background) { continue }
      if let known = enclosing[background], known != object {
        isOpen.insert(background)
        enclosing[background] = nil
      } else {
        enclosing[background] = object
      }
    }
    for (background, object) in enclosing { forest.unite(background, object) }
  }
}

/// Two trees of fragments.
private struct Pair: Hashable {
  let a: Int
  let b: Int
}

/// The highest way between two summits.
private struct Way {
  let a: Int
  let b: Int
  let saddle: Float
  /// The first voxels of the two, which do not depend on the blocks.
  let first: Int
  let second: Int

  func comesBefore(_ other: Way) -> Bool {
    if saddle != other.saddle { return saddle > other.saddle }
    if first != other.first { return first < other.first }
    return second < other.second
  }
}
