// SPDX-License-Identifier: Apache-2.0

/// Which node of a ``FragmentMerger`` each fragment became part of: its place among the nodes when it came, and
/// where each node went whenever they were made fewer.
struct FragmentHistory: Sendable {
  /// The time from one joining of nodes to the next.
  private struct Epoch {
    /// The first fragment that came in it, and its node.
    let firstFragment: Int
    let firstNode: Int
    /// What each of its nodes was in the next.
    var next: [UInt32] = []
  }

  private(set) var fragmentCount = 0
  private var epochs = [Epoch(firstFragment: 0, firstNode: 0)]
  /// The number of the first fragment of each block, by the block's place in C order.
  private var firstFragments: [Int: Int] = [:]

  /// Notes the fragments of a block, which become the nodes from one on.
  mutating func add(_ count: Int, ofBlock ordinal: Int, firstNode: Int) {
    let epoch = epochs[epochs.count - 1]
    precondition(
      firstNode - epoch.firstNode == fragmentCount - epoch.firstFragment, "fragments become the next nodes")
    firstFragments[ordinal] = fragmentCount
    fragmentCount += count
  }

  /// Notes what each node became, and that fragments to come are the nodes from `count` on.
  mutating func close(_ next: [UInt32], count: Int) {
    epochs[epochs.count - 1].next = next
    epochs.append(Epoch(firstFragment: fragmentCount, firstNode: count))
  }

  /// Follows every node to the last, of which there are `count`.
  mutating func finish(count: Int) {
    epochs[epochs.count - 1].next = (0..<count).map { UInt32($0) }
    for number in epochs.indices.dropLast().reversed() {
      for node in epochs[number].next.indices {
        epochs[number].next[node] = epochs[number + 1].next[Int(epochs[number].next[node])]
      }
    }
  }

  /// The last nodes of fragments of one block.
  ///
  /// - Precondition: ``finish(count:)`` was called.
  func nodes(ofFragments fragments: Range<Int>) -> ArraySlice<UInt32> {
    if fragments.isEmpty { return [] }
    var (low, high) = (0, epochs.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if epochs[middle].firstFragment <= fragments.lowerBound { low = middle } else { high = middle - 1 }
    }
    let epoch = epochs[low]
    let first = epoch.firstNode + fragments.lowerBound - epoch.firstFragment
    return epoch.next[first..<first + fragments.count]
  }

  func firstFragment(ofBlock ordinal: Int) -> Int? { firstFragments[ordinal] }
}
