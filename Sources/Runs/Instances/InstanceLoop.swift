// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Segmentation
import Synchronization
import VolumeDatabase

/// The work of making objects: every block is labelled for itself, the blocks are put together, and every
/// block is labelled again with the ids that its parts have got.
struct InstanceLoop {
  let run: ActiveRun
  let setup: InstanceSetup
  let database: VolumeDatabase
  let progress: any ProgressReporter
  let cancellation: CancellationFlag

  /// Does what is not yet done, and commits.
  ///
  /// After an error nothing is left of the version; when a person stops the run, it stays for the run to be
  /// resumed.
  func perform(isResumed: Bool) throws -> (version: VersionRecord, objects: Int) {
    var writer: VersionWriter?
    let folder = try SummaryFolder(run: run)
    do {
      var specification = setup.specification
      specification.runID = run.id
      let opened = try self.writer(specification, isResumed: isResumed)
      writer = opened
      let blocks = InstanceBlocks(setup, shards: opened.shardGrid)
      let merged = try merge(blocks, folder)
      try write(blocks, merged, opened)
      progress.begin(ProgressStage("committing \(opened.record.reference)", total: nil, unit: "shards"))
      try opened.finish(coverage: setup.covered)
      try database.commit([opened])
      progress.end()
      try folder.remove()
      return (try database.catalog.version(opened.record.id), merged.objects.count)
    } catch let stop as StoppedOnRequest {
      throw stop
    } catch {
      progress.end()
      // What went wrong is told; that clearing up failed too would hide it, and gc clears up later.
      try? writer?.abandon()
      try? folder.remove()
      throw error
    }
  }

  private func writer(_ specification: VersionSpecification, isResumed: Bool) throws -> VersionWriter {
    let threads = setup.request.threads
    return try isResumed
      ? VersionWriter.resumedOrBegun(specification, in: database, threads: threads)
      : VersionWriter(specification, in: database, threads: threads)
  }

  private func merge(_ blocks: InstanceBlocks, _ folder: SummaryFolder) throws -> MergedObjects {
    let indices = blocks.indices
    let (grid, threads) = (blocks.grid, setup.request.threads)
    var merger = FragmentMerger(shape: grid.shape, block: grid.chunk, rule: blocks.rule)
    progress.begin(
      ProgressStage("labelling \(setup.source.record.reference)", total: indices.count, unit: "blocks"))
    var done = 0
    while done < indices.count {
      try run.check(cancellation)
      let batch = Array(indices[done..<min(done + threads, indices.count)])
      let summaries = Mutex([BlockSummary?](repeating: nil, count: batch.count))
      try concurrentForEach(count: batch.count, threads: threads) { (number) throws(any Error) in
        let ordinal = grid.ordinal(of: batch[number])
        var summary = folder.summary(ofBlock: ordinal)
        if summary == nil {
          let made = try blocks.labels(at: batch[number]).summary
          try folder.keep(made, ofBlock: ordinal)
          summary = made
        }
        summaries.withLock { $0[number] = summary }
      }
      for (index, summary) in zip(batch, summaries.withLock({ $0 })) {
        if let summary { merger.add(summary, at: index) }
      }
      done += batch.count
      progress.advance(to: done)
      run.advance(to: done, of: 2 * indices.count)
    }
    progress.end()
    return merger.merged(minimumVoxels: setup.minimumVoxels)
  }

  private func write(_ blocks: InstanceBlocks, _ merged: MergedObjects, _ writer: VersionWriter) throws {
    let indices = blocks.indices
    let (grid, shards) = (blocks.grid, writer.shardGrid)
    progress.begin(
      ProgressStage("writing \(writer.record.reference)", total: indices.count, unit: "blocks"))
    let done = Atomic<Int>(0)
    try concurrentForEach(count: indices.count, threads: setup.request.threads) {
      (number) throws(any Error) in
      try run.check(cancellation)
      let index = indices[number]
      let box = grid.box(at: index)
      let missing = shards.chunks(touching: box).positions.filter { shard in
        !writer.isWritten(shard: shard) && setup.covered.contains { $0.intersects(shards.box(at: shard)) }
      }
      if !missing.isEmpty {
        let labels = try blocks.labels(at: index)
        let table = merged.table(forBlock: grid.ordinal(of: index), count: labels.fragments.count)
        for shard in missing {
          try writer.writeShard(labels.ids(table, in: shards.box(at: shard)), at: shard)
        }
      }
      let count = done.wrappingAdd(1, ordering: .relaxed).newValue
      progress.advance(to: count)
      run.advance(to: indices.count + count, of: 2 * indices.count)
    }
    progress.end()
  }
}

extension BlockLabels {
  /// The ids of the voxels of a part of the block.
  fileprivate func ids(_ table: [UInt64], in part: Box) -> NDArray {
    var result = NDArray(.uint64, part.extent)
    let strides = box.extent.strides
    result.withMutableSpan(of: UInt64.self) { ids in
      var place = 0
      for z in part.range(0) {
        for y in part.range(1) {
          let row =
            (z - box.lower[0]) * strides[0] + (y - box.lower[1]) * strides[1] + part.lower[2] - box.lower[2]
          for x in 0..<part.extent[2] {
            ids[place] = table[Int(labels[row + x])]
            place += 1
          }
        }
      }
    }
    return result
  }
}
