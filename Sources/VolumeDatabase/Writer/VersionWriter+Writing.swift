// SPDX-License-Identifier: Apache-2.0

public import Arrays
import Catalog
import Synchronization
import Zarr

extension VersionWriter {
  /// Writes a layer of level 0: all shards of one index along z.
  ///
  /// As long as layers come in rising order from the first, the coarser levels are made from them while
  /// they are in memory. Layers may be left out and are then fill value; not to be called from two
  /// threads at once.
  ///
  /// - Parameters:
  ///   - slab: The voxels of ``box(ofLayer:)``.
  ///   - layer: The index along z in the grid of shards.
  /// - Throws: ``DatabaseError/wrongBlock(version:place:reason:)`` for another shape or type, or for a layer
  ///   that is there already; or what the file system says.
  public func writeLayer(_ slab: NDArray, layer: Int) throws(DatabaseError) {
    let counts = shardGrid.counts
    let place = "layer \(layer)"
    guard (0..<counts[0]).contains(layer) else {
      throw .wrongBlock(version: record.reference, place: place, reason: "it has \(counts[0]) layers")
    }
    try check(slab, extent: box(ofLayer: layer).extent, place: place)
    try storeLayer(slab, layer: layer, level: 0)
    let pyramid = state.withLock { state -> [PyramidLevel]? in
      guard state.nextLayer == layer else {
        state.nextLayer = nil
        state.pyramid = []
        return nil
      }
      state.nextLayer = layer + 1
      defer { state.pyramid = [] }
      return state.pyramid
    }
    guard var pyramid else { return }
    var inputs = [slab]
    for number in pyramid.indices {
      var outputs: [NDArray] = []
      for (count, input) in inputs.enumerated() {
        let isLast = layer == counts[0] - 1 && count == inputs.count - 1
        for (coarse, slab) in pyramid[number].feed(input, isLast: isLast, threads: threads) {
          try storeLayer(slab, layer: coarse, level: number + 1)
          outputs.append(slab)
        }
      }
      inputs = outputs
    }
    let continued = pyramid
    state.withLock { $0.pyramid = continued }
  }

  /// Writes a shard of level 0; in any order, each once, from several threads if wanted.
  ///
  /// - Parameters:
  ///   - block: The voxels of the shard inside the volume: of shape `shardGrid.box(at: index).extent`.
  ///   - index: The place in ``shardGrid``.
  /// - Throws: ``DatabaseError/wrongBlock(version:place:reason:)`` for another shape or type, or for a shard
  ///   that is there already; or what the file system says.
  public func writeShard(_ block: NDArray, at index: [Int]) throws(DatabaseError) {
    let grid = shardGrid
    let place = "shard \(index.map(String.init).joined(separator: "/"))"
    guard index.count == 3, (0..<3).allSatisfy({ (0..<grid.counts[$0]).contains(index[$0]) }) else {
      throw .wrongBlock(version: record.reference, place: place, reason: "it has \(grid.counts) shards")
    }
    try check(block, extent: grid.box(at: index).extent, place: place)
    state.withLock { $0.nextLayer = nil }
    try writeChecked(
      block, Box(block.extent), at: ShardPlace(level: 0, index: index), encodingThreads: 1)
  }

  private func check(_ block: NDArray, extent: Extent, place: String) throws(DatabaseError) {
    let isOpen = state.withLock { $0.phase == .open }
    guard isOpen else {
      throw .wrongBlock(version: record.reference, place: place, reason: "it is finished")
    }
    guard block.dataType == specification.dataType else {
      throw .wrongBlock(
        version: record.reference, place: place,
        reason: "it holds \(specification.dataType), the block \(block.dataType)")
    }
    guard block.extent == extent else {
      throw .wrongBlock(
        version: record.reference, place: place, reason: "it has \(extent) voxels, the block \(block.extent)")
    }
  }

  /// Stores the shards of a slab, each from its part of it.
  private func storeLayer(_ slab: NDArray, layer: Int, level: Int) throws(DatabaseError) {
    let grid = levels[level].shards
    let counts = grid.counts[1] * grid.counts[2]
    // With few shards the threads share each shard's chunks.
    let isOuter = counts >= threads
    try concurrentForEach(count: counts, threads: isOuter ? threads : 1) { (number) throws(DatabaseError) in
      let index = [layer, number / grid.counts[2], number % grid.counts[2]]
      let box = grid.box(at: index)
      let part = box.translated(by: [-box.origin[0], 0, 0])
      let place = ShardPlace(level: level, index: index)
      let encodingThreads = isOuter ? 1 : threads
      if level == 0 {
        try writeChecked(slab, part, at: place, encodingThreads: encodingThreads)
      } else {
        try storeCoarse(slab, part, at: place, encodingThreads: encodingThreads)
      }
    }
  }

  /// Stores a shard of level 0 with its statistics, once.
  private func writeChecked(
    _ slab: NDArray, _ part: Box, at place: ShardPlace, encodingThreads: Int
  ) throws(DatabaseError) {
    let key = place.key
    let isFirst = state.withLock { $0.inProgress.insert(key).inserted }
    guard isFirst, journal.entry(key) == nil else {
      throw .wrongBlock(version: record.reference, place: "shard \(key)", reason: "that is written already")
    }
    do throws(DatabaseError) {
      let stored = try store(slab, part, at: place, encodingThreads: encodingThreads)
      keep(scan(slab, part, at: place), of: key)
      try journal.append(stored)
    } catch {
      state.withLock { _ = $0.inProgress.remove(key) }
      throw error
    }
  }

  /// Looks at the voxels of a shard of level 0: at all of an array, or at a part of it.
  func scan(_ array: NDArray, _ part: Box? = nil, at place: ShardPlace) -> ShardScan {
    ShardScan(
      array, part, at: levels[0].shards.box(at: place.index).origin, chunk: levels[0].layout.chunk,
      for: purpose)
  }

  /// Remembers what was seen in a shard of level 0.
  func keep(_ scan: ShardScan, of key: String) {
    state.withLock { state in
      state.histogram.add(scan.histogram)
      var scan = scan
      scan.histogram = HistogramAccumulator()
      scan.chunks.removeAll { $0.nonzero == 0 }
      state.scans[key] = scan
    }
  }

  /// Stores a shard of a coarser level from a part of an array.
  func storeCoarse(
    _ array: NDArray, _ part: Box, at place: ShardPlace, encodingThreads: Int
  ) throws(DatabaseError) {
    let stored = try store(array, part, at: place, encodingThreads: encodingThreads)
    state.withLock { $0.coarse[stored.key] = stored }
  }

  /// Encodes a shard into its file; of a shard that holds only the fill value there is none.
  private func store(
    _ array: NDArray, _ part: Box, at place: ShardPlace, encodingThreads: Int
  ) throws(DatabaseError) -> StoredShard {
    let path = "\(folder)/\(place.key)"
    // Made at the first bytes, so that a shard of nothing but the fill value makes none.
    var file: ShardFile?
    var failure: DatabaseError?
    let encoding = Result { () throws(DatabaseError) in
      try inZarr(folder) { () throws(ZarrError) in
        try arrays[place.level].encode(array, part, shard: place.index, threads: encodingThreads) {
          (bytes) throws(ZarrError) in
          do throws(DatabaseError) {
            if file == nil { file = try created(path) }
            try file?.append(bytes)
          } catch {
            failure = error
            throw .system(path: path, operation: "write", code: 0)
          }
        }
      }
    }
    if let failure { throw failure }
    guard try encoding.get() != nil, let file else {
      try FileSystem.removeFile(path)
      return StoredShard(key: place.key, byteCount: 0, hash: .init(of: []))
    }
    let written = try file.finish()
    return StoredShard(key: place.key, byteCount: written.byteCount, hash: written.hash)
  }

  private func created(_ path: String) throws(DatabaseError) -> ShardFile {
    if let slash = path.lastIndex(of: "/") { try FileSystem.createFolders(String(path[..<slash])) }
    return try ShardFile(path: path)
  }
}
