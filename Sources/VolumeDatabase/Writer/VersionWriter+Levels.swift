// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Synchronization
import Zarr

extension VersionWriter {
  /// Whether every layer came in order, so that the coarser levels are complete.
  var hasAllLayers: Bool { state.withLock { $0.nextLayer == layerCount } }

  /// Shares with the parent what was not written, and makes the coarser levels of what was.
  ///
  /// Level by level: first the untouched shards get a second name in this version's folder, so that a
  /// touched coarser shard can read its unchanged neighbours there.
  ///
  /// - Returns: The parent's shards that are shared.
  func completeLevels() throws(DatabaseError) -> [StoredShard] {
    var touched = Set(journal.entries.keys.compactMap { ShardPlace(key: $0)?.index })
    let isDone = hasAllLayers
    var shared: [StoredShard] = []
    for level in levels.indices {
      if level > 0 {
        let fine = levels[level - 1]
        touched = Set(
          touched.flatMap { index in
            levels[level].shards.chunks(
              touching: fine.shards.box(at: index).coarsened(
                by: levels[level].step, within: levels[level].shape)
            ).positions
          })
      }
      shared += try share(level: level, except: touched)
      if level > 0 && !isDone { try makeCoarser(level, touched) }
    }
    return shared
  }

  /// Gives the parent's shards of a level, but for some, a second name here.
  private func share(level: Int, except touched: Set<[Int]>) throws(DatabaseError) -> [StoredShard] {
    guard let parent else { return [] }
    let kept = parent.manifest.sorted.filter { entry in
      guard let place = ShardPlace(key: entry.key), place.level == level else { return false }
      return !touched.contains(place.index)
    }
    for entry in kept {
      let path = "\(folder)/\(entry.key)"
      if let slash = path.lastIndex(of: "/") { try FileSystem.createFolders(String(path[..<slash])) }
      try FileSystem.share("\(parent.folder)/\(entry.key)", to: path)
    }
    return kept
  }

  /// Makes shards of a level from the level above it, as it now is in this version's folder.
  private func makeCoarser(_ level: Int, _ touched: Set<[Int]>) throws(DatabaseError) {
    let places = touched.sorted { $0.lexicographicallyPrecedes($1) }
    let isOuter = places.count >= threads
    try concurrentForEach(count: places.count, threads: isOuter ? threads : 1) {
      (number) throws(DatabaseError) in
      let place = ShardPlace(level: level, index: places[number])
      let inner = isOuter ? 1 : threads
      let block = try coarserBlock(place, threads: inner)
      try storeCoarse(block, Box(block.extent), at: place, encodingThreads: inner)
    }
  }

  /// The voxels of a coarser shard, made a row of chunks at a time, so that no more of the finer level is
  /// in memory than that.
  private func coarserBlock(_ place: ShardPlace, threads: Int) throws(DatabaseError) -> NDArray {
    let (fine, coarse) = (levels[place.level - 1], levels[place.level])
    let source = arrays[place.level - 1]
    let box = coarse.shards.box(at: place.index)
    var block = NDArray(specification.dataType, box.extent)
    let rows = coarse.chunks.chunks(touching: box).range(1)
    for row in rows {
      let strip = Box(
        lower: [box.lower[0], row * coarse.layout.chunk[1], box.lower[2]],
        upper: [box.upper[0], min((row + 1) * coarse.layout.chunk[1], box.upper[1]), box.upper[2]])
      let finer = Box(
        lower: (0..<3).map { strip.lower[$0] * coarse.step[$0] },
        upper: (0..<3).map { min(strip.upper[$0] * coarse.step[$0], fine.shape[$0]) })
      let voxels = try inZarr(folder) { () throws(ZarrError) in try source.read(finer, threads: threads) }
      let smaller = reduced(voxels, by: coarse.step, isLabel: specification.isLabel, threads: threads)
      block.copy(Box(smaller.extent), of: smaller, to: [0, strip.lower[1] - box.lower[1], 0])
    }
    return block
  }
}
