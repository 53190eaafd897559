// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Zarr

/// A store that remembers which ranges it was asked for.
final class CountingStore: ReadableStore {
  let batchSize: Int
  private let content: MemoryStore
  private let requests = Mutex<[ByteRangeRequest]>([])

  /// - Parameter batchSize: 1 as of files, more as of a store far away.
  init(_ content: MemoryStore, batchSize: Int) {
    self.content = content
    self.batchSize = batchSize
  }

  /// What was asked for since the last call, but for metadata.
  func takeRequests() -> [ByteRangeRequest] {
    requests.withLock { requests in
      defer { requests = [] }
      return requests.filter { !$0.key.hasSuffix("zarr.json") }
    }
  }

  func read(_ requests: [ByteRangeRequest]) throws(ZarrError) -> [[UInt8]?] {
    self.requests.withLock { $0 += requests }
    return try content.read(requests)
  }

  func size(of key: String) throws(ZarrError) -> Int? { try content.size(of: key) }
  func stamp(of key: String) throws(ZarrError) -> ObjectStamp? { try content.stamp(of: key) }
  func list(_ prefix: String) throws(ZarrError) -> [String] { try content.list(prefix) }
}
