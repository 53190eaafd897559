// SPDX-License-Identifier: Apache-2.0

import Zarr

/// A version's folder in which a shard that the manifest lists must be there.
///
/// To the array a missing shard is fill value; here it is an error, because it was lost.
struct ListedStore: ReadableStore {
  let folder: LocalStore
  let manifest: ShardManifest

  var batchSize: Int { folder.batchSize }

  func read(_ requests: [ByteRangeRequest]) throws(ZarrError) -> [[UInt8]?] {
    let found = try folder.read(requests)
    for (request, bytes) in zip(requests, found) where bytes == nil { try check(request.key) }
    return found
  }

  func read(
    _ request: ByteRangeRequest, into target: UnsafeMutableRawBufferPointer
  ) throws(ZarrError) -> Int? {
    // SAFETY: the caller's buffer is passed on as it is.
    if let count = try unsafe folder.read(request, into: target) { return count }
    try check(request.key)
    return nil
  }

  func size(of key: String) throws(ZarrError) -> Int? {
    if let size = try folder.size(of: key) { return size }
    try check(key)
    return nil
  }

  func stamp(of key: String) throws(ZarrError) -> ObjectStamp? {
    if let stamp = try folder.stamp(of: key) { return stamp }
    try check(key)
    return nil
  }

  func list(_ prefix: String) throws(ZarrError) -> [String] { try folder.list(prefix) }

  private func check(_ key: String) throws(ZarrError) {
    if manifest.entries[key] != nil {
      throw .corruptChunk(
        key: key, reason: "its file is missing though the list of shards has it; run vemdb verify")
    }
  }
}
