// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Synchronization

extension VersionWriter {
  /// Rows of statistics and fragments that one short transaction takes.
  private static let batchRows = 5000

  /// Tells the catalog everything about the version but that it is there.
  func enter(
    _ own: [StoredShard], coverage: [CoverageBox], hash: Hash128, histogram: HistogramAccumulator
  ) throws(DatabaseError) {
    let catalog = database.catalog
    let touched = Set(journal.entries.keys).union(state.withLock { Set($0.coarse.keys) })
    try inCatalog { () throws(CatalogError) in
      if let parent { try catalog.shareShards(ofVersion: parent.record.id, with: record.id, except: touched) }
    }
    let scans = state.withLock { $0.scans }
    var batch: [ShardEntry] = []
    var rows = 0
    for stored in ShardManifest(own).sorted {
      guard let place = ShardPlace(key: stored.key) else { continue }
      let scan = scans[stored.key]
      let shard = ShardRecord(
        key: stored.key, level: place.level, index: place.index, byteCount: stored.byteCount,
        hash: stored.hash)
      batch.append(
        ShardEntry(shard, chunks: scan?.chunks ?? [], fragments: scan?.fragments ?? []))
      rows += 1 + (scan?.chunks.count ?? 0) + (scan?.fragments.count ?? 0)
      if rows >= Self.batchRows {
        let full = batch
        try inCatalog { () throws(CatalogError) in try catalog.addShards(full, to: record.id) }
        (batch, rows) = ([], 0)
      }
    }
    let last = batch
    try inCatalog { () throws(CatalogError) in
      if !last.isEmpty { try catalog.addShards(last, to: record.id) }
      try catalog.setClasses(
        classes.map { VersionClass($0.record, mode: $0.assignment.mode, value: $0.assignment.value) },
        ofVersion: record.id)
      try catalog.addCoverage(coverage, to: record.id)
      try catalog.setSourceFiles(specification.sourceFiles, ofVersion: record.id)
      try catalog.setContent(
        hash: hash, histogram: purpose.makesHistogram ? histogram.histogram : nil,
        displayRange: purpose.makesHistogram ? histogram.displayRange : nil, ofVersion: record.id)
    }
  }
}
