// SPDX-License-Identifier: Apache-2.0

public import Catalog

/// One stored object of a version, as its manifest lists it.
public struct StoredShard: Hashable, Sendable {
  /// Relative to the version's folder, as in `0/c/3/0/1`.
  public let key: String
  /// The size of the file.
  public let byteCount: Int
  /// XXH3-128 of the file's bytes.
  public let hash: Hash128

  init(key: String, byteCount: Int, hash: Hash128) {
    self.key = key
    self.byteCount = byteCount
    self.hash = hash
  }
}

/// Where a shard stands: its level and its index in that level's grid of shards.
struct ShardPlace: Hashable, Sendable {
  let level: Int
  let index: [Int]

  /// The key of the default encoding, as in `0/c/3/0/1`.
  var key: String { "\(level)/c/" + index.map(String.init).joined(separator: "/") }

  init(level: Int, index: [Int]) {
    self.level = level
    self.index = index
  }

  /// Reads a key; `nil` if it is none of a shard with three axes.
  init?(key: some StringProtocol) {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[1] == "c" else { return nil }
    let numbers = [parts[0], parts[2], parts[3], parts[4]].compactMap { Int($0) }
    guard numbers.count == 4, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
    level = numbers[0]
    index = Array(numbers[1...])
    guard self.key == key else { return nil }
  }
}
