// SPDX-License-Identifier: Apache-2.0

extension FragmentMerger {
  /// Makes one node of all that are joined, and of a watershed of those that will be in any case.
  ///
  /// Called when a layer of blocks is complete: what does not reach its far face has met all its neighbours.
  mutating func compact() {
    var (numbers, joined) = self.joined()
    var touching = contacts.compactMap { $0.between(numbers[$0.a], numbers[$0.b]) }
    if case .watershed(let depth) = rule.grouping {
      for exit in bestExits {
        let node = numbers[exit.node]
        joined[node].exit = (exit.place, UInt32(numbers[exit.target] + 1))
      }
      var contraction = BasinContraction(
        joined, touching, isInside: isInside(joined, numbers), depth: depth)
      let left = contraction.result()
      (joined, touching) = (left.fragments, left.contacts)
      for node in numbers.indices { numbers[node] = left.numbers[numbers[node]] }
    }
    exits = joined.enumerated().compactMap { number, one in
      one.exit.map { Exit(node: number, place: $0.place, target: Int($0.label) - 1) }
    }
    for number in joined.indices { joined[number].exit = nil }
    (nodes, contacts, leastNodes) = (joined, touching, joined.count)
    let before = rims
    rims = []
    for one in before {
      addRim(object: numbers[Int(one.object)], background: numbers[Int(one.background)])
    }
    forest = Forest(count: joined.count)
    byValue = byValue.mapValues { numbers[$0] }
    waiting = waiting.mapValues { block in
      WaitingBlock(surfaces: block.surfaces, nodes: block.nodes.map { UInt32(numbers[Int($0)]) })
    }
    history.close(numbers.map { UInt32($0) }, count: joined.count)
  }

  /// Each tree of nodes as one.
  ///
  /// - Returns: The number of each node's tree, by the order of their roots, and what is known of each.
  func joined() -> (numbers: [Int], trees: [Fragment]) {
    var forest = forest
    var numbers = [Int](repeating: 0, count: nodes.count)
    var trees: [Fragment] = []
    for number in nodes.indices {
      let root = forest.root(of: number)
      // A root is the least number of its tree, so it comes first.
      if root == number {
        numbers[number] = trees.count
        trees.append(nodes[number])
      } else {
        numbers[number] = numbers[root]
        trees[numbers[root]].absorb(nodes[number])
      }
    }
    return (numbers, trees)
  }

  /// Of each tree of nodes the way out that is first in C order.
  var bestExits: [Exit] {
    var forest = forest
    var best: [Int: Exit] = [:]
    for exit in exits {
      let root = forest.root(of: exit.node)
      if exit.place < best[root]?.place ?? .max { best[root] = exit }
    }
    return Array(best.values)
  }

  /// Which trees do not reach the far faces of the last layer of blocks.
  private func isInside(_ trees: [Fragment], _ numbers: [Int]) -> [Bool] {
    var isInside = trees.map { !$0.isBackground }
    if rule.isPerSlice { return isInside }
    for block in waiting.values {
      for run in block.surfaces[3].runs { isInside[numbers[Int(block.nodes[Int(run.label) - 1])]] = false }
    }
    return isInside
  }
}
