// SPDX-License-Identifier: Apache-2.0

import Arrays
import Synchronization

/// The indices of the shards read last, so that a second read of a shard need not fetch it again.
final class ShardIndexCache: Sendable {
  /// An index, or the knowledge that there is no such shard, and the state of the object it is of.
  struct Entry: Sendable {
    let index: ShardIndex?
    let stamp: ObjectStamp?
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var order: [String] = []
  }

  private let state = Guarded(State())

  /// Bounds the memory: with 512 inner chunks a shard, 4096 indices are 32 MiB.
  private static let capacity = 4096

  subscript(key: String) -> Entry? { state.withLock { $0.entries[key] } }

  func insert(_ entry: Entry, for key: String) {
    state.withLock { state in
      if state.entries.updateValue(entry, forKey: key) == nil { state.order.append(key) }
      if state.order.count > Self.capacity {
        for old in state.order.prefix(Self.capacity / 2) { state.entries[old] = nil }
        state.order.removeFirst(Self.capacity / 2)
      }
    }
  }
}
