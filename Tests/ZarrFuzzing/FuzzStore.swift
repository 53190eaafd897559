// SPDX-License-Identifier: Apache-2.0

import Zarr

/// A store in memory that is read as files are: each range by itself, into the reader's own memory.
struct FuzzStore: ReadableStore {
  let content: MemoryStore

  var batchSize: Int { 1 }

  func read(_ requests: [ByteRangeRequest]) throws(ZarrError) -> [[UInt8]?] { try content.read(requests) }
  func size(of key: String) throws(ZarrError) -> Int? { try content.size(of: key) }
  func stamp(of key: String) throws(ZarrError) -> ObjectStamp? { try content.stamp(of: key) }
  func list(_ prefix: String) throws(ZarrError) -> [String] { try content.list(prefix) }
}
