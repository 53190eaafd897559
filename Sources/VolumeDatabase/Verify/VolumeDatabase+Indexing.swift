// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Zarr

extension VolumeDatabase {
  /// What the catalog lacks of the shards of a version, by key: rows, statistics of stored chunks, or objects.
  ///
  /// Shards whose index cannot be read are passed over: that is another problem.
  func indexProblems(of version: StoredVersion) throws(DatabaseError) -> [String: String] {
    let known = try inCatalog { () throws(CatalogError) in
      try catalog.shardIndexing(ofVersion: version.record.id)
    }
    let purpose = ShardScan.Purpose(version.record.kind, version.classes)
    var problems: [String: String] = [:]
    for entry in version.manifest.sorted {
      guard let place = ShardPlace(key: entry.key) else { continue }
      guard let row = known[entry.key] else {
        problems[entry.key] = "the catalog does not know it"
        continue
      }
      if row.byteCount != entry.byteCount || row.hash != entry.hash {
        problems[entry.key] = "the catalog has another shard in its place"
        continue
      }
      guard place.level == 0, let stored = try? version.arrays[0].presentChunks(ofShard: place.index) else {
        continue
      }
      let present = stored.count { $0 }
      if row.chunks != present {
        problems[entry.key] = "the catalog has statistics of \(row.chunks) of its \(present) chunks"
      } else if purpose.instanceClass != nil && row.nonzero > 0 && row.fragments == 0 {
        problems[entry.key] = "the catalog has none of its objects"
      }
    }
    for key in known.keys.sorted() where version.manifest.entries[key] == nil {
      problems[key] = "the catalog has a shard that the version does not have"
    }
    return problems
  }
}
