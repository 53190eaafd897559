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
    let (numbers, trees) = joined()
    let kept = trees.indices.filter { !trees[$0].isBackground && trees[$0].voxels >= minimumVoxels }
      .sorted { trees[$0].first < trees[$1].first }
    var ids = [UInt64](repeating: 0, count: trees.count)
    for (place, tree) in kept.enumerated() { ids[tree] = UInt64(place + 1) }
    var history = history
    history.finish(count: nodes.count)
    return MergedObjects(
      objects: kept.map { tree in
        MergedObjects.Object(
          voxels: trees[tree].voxels, first: trees[tree].first, value: trees[tree].value,
          touchesEdge: trees[tree].touchesEdge)
      },
      ids: numbers.map { ids[$0] }, history: history)
  }

  /// Lets flat places that are no summits lead to the first voxel that leads further up.
  private mutating func followExits() {
    for exit in bestExits { forest.unite(exit.node, exit.target) }
  }

  /// Joins summits between which the way hardly sinks, the highest ways first.
  private mutating func joinSummits(depth: Double) {
    var peaks: [Int: Float] = [:]
    var firsts: [Int: Int] = [:]
    for number in nodes.indices where !nodes[number].isBackground {
      let root = forest.root(of: number)
      peaks[root] = max(peaks[root] ?? 0, nodes[number].peak)
      firsts[root] = min(firsts[root] ?? .max, nodes[number].basinFirst)
    }
    var highest: [Pair: Way] = [:]
    for one in contacts {
      let (a, b) = (forest.root(of: one.a), forest.root(of: one.b))
      if a == b { continue }
      let pair = Pair(a: min(a, b), b: max(a, b))
      let first = one.originA == FragmentContact.own ? firsts[a] ?? 0 : one.originA
      let second = one.originB == FragmentContact.own ? firsts[b] ?? 0 : one.originB
      let way = Way(
        a: pair.a, b: pair.b, saddle: one.saddle, first: min(first, second), second: max(first, second))
      if highest[pair].map(way.comesBefore) ?? true { highest[pair] = way }
    }
    let ways = highest.values.sorted { $0.comesBefore($1) }
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
    for number in nodes.indices where nodes[number].isBackground && nodes[number].touchesEdge {
      isOpen.insert(forest.root(of: number))
    }
    var enclosing: [Int: Int] = [:]
    for one in rims {
      let object = forest.root(of: Int(one.object))
      let background = forest.root(of: Int(one.background))
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

/// Two trees of nodes.
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
