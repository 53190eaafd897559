// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog
import Synchronization
import Zarr

extension VersionWriter {
  /// Completes the version and makes it durable; it is still invisible.
  ///
  /// Coarser levels that are missing are made, what the parent has and this version did not write is
  /// shared, the catalog learns of shards, statistics and objects, and everything is synchronised to disk,
  /// files before the folders that hold them.
  ///
  /// - Parameter coverage: The boxes that were really given, annotated or computed, in voxels of level 0:
  ///   for an image without class, else for each class of the version. What the parent covers outside of
  ///   them stays covered.
  /// - Throws: ``DatabaseError``; the version is then still staged and can be abandoned or resumed.
  public func finish(coverage: [Box]) throws(DatabaseError) {
    // Several values may mean one class.
    let ids: [Int64?] = classes.isEmpty ? [nil] : Set(classes.map(\.record.id)).sorted()
    try finish(
      coveredBy: ids.flatMap { id in
        coverage.filter { !$0.isEmpty }.map { CoverageBox($0, classID: id, runID: specification.runID) }
      })
  }

  /// Completes the version, its classes being covered by different boxes; see ``finish(coverage:)``.
  public func finish(coveredBy coverage: [CoverageBox]) throws(DatabaseError) {
    let isOpen = state.withLock { $0.phase == .open }
    guard isOpen else { throw .badVersion(record.reference, reason: "it is finished already") }
    let whole = Box(specification.shape)
    for one in coverage where !whole.contains(one.box) {
      throw .badVersion(record.reference, reason: "its coverage \(one.box) leaves the volume, \(whole)")
    }
    try scanResumed()
    let shared = try completeLevels()
    let own = ownShards()
    let manifest = ShardManifest(shared + own)
    let covered = coverage + inheritedCoverage(besides: coverage)
    let (hash, histogram) = try summarise()
    try database.interruption?(.written)
    try enter(own, coverage: covered, hash: hash, histogram: histogram)
    try writeGroup(coverage: covered, hash: hash, histogram: histogram)
    let listed = DatabaseLayout.manifest(of: folder)
    try FileSystem.write(Array(manifest.text.utf8), to: listed, mode: FileSystem.readOnlyMode)
    try FileSystem.synchroniseTree(folder)
    try FileSystem.synchronise(listed)
    try FileSystem.synchronise(database.layout.staging)
    try database.interruption?(.synchronised)
    state.withLock { $0.phase = .finished }
  }

  /// The shards that this version wrote itself.
  private func ownShards() -> [StoredShard] {
    let coarse = state.withLock { Array($0.coarse.values) }
    return (Array(journal.entries.values) + coarse).filter { $0.byteCount > 0 }
  }

  /// Looks at the shards of level 0 that were written before the work was resumed.
  private func scanResumed() throws(DatabaseError) {
    let known = state.withLock { Set($0.scans.keys) }
    let places = journal.entries.keys.filter { !known.contains($0) }.sorted().compactMap(
      ShardPlace.init(key:))
    try concurrentForEach(count: places.count, threads: threads) { (number) throws(DatabaseError) in
      let place = places[number]
      let block = try inZarr(folder) { () throws(ZarrError) in
        try arrays[0].read(shardGrid.box(at: place.index))
      }
      keep(scan(block, at: place), of: place.key)
    }
  }

  /// What the parent covers outside of what this version covers, class by class.
  private func inheritedCoverage(besides coverage: [CoverageBox]) -> [CoverageBox] {
    guard let parent else { return [] }
    return parent.coverage.flatMap { known in
      var pieces = [known.box]
      for new in coverage where new.classID == known.classID {
        pieces = pieces.flatMap { $0.subtracting(new.box) }
      }
      return pieces.map { CoverageBox($0, classID: known.classID, runID: known.runID) }
    }
  }

  /// The content hash, and the histogram of images.
  private func summarise() throws(DatabaseError) -> (Hash128, HistogramAccumulator) {
    var content = ContentHash(dataType: specification.dataType, grid: chunkGrid)
    var (scans, histogram) = state.withLock { ($0.scans, $0.histogram) }
    if let parent {
      let statistics = try inCatalog { () throws(CatalogError) in
        try database.catalog.chunkStatistics(ofVersion: parent.record.id, countingValues: false)
      }
      let ratio = (0..<3).map { levels[0].layout.shard[$0] / levels[0].layout.chunk[$0] }
      for chunk in statistics {
        let shard = ShardPlace(level: 0, index: (0..<3).map { chunk.index[$0] / ratio[$0] })
        if scans[shard.key] == nil { content[chunk: chunk.index] = chunk.hash }
      }
      if purpose.makesHistogram { histogram = try continued(histogram, parent, scans.keys.sorted()) }
    }
    for scan in scans.values { for chunk in scan.chunks { content[chunk: chunk.index] = chunk.hash } }
    scans = [:]
    return (content.value(), histogram)
  }

  /// The parent's histogram with the shards that were written now taken out and put in anew.
  private func continued(
    _ added: HistogramAccumulator, _ parent: StoredVersion, _ keys: [String]
  ) throws(DatabaseError) -> HistogramAccumulator {
    let isWhole = !specification.dataType.isFloatingPoint
    guard let known = parent.record.histogram else { return added }
    var histogram = HistogramAccumulator(known, isWhole: isWhole)
    let places = keys.compactMap(ShardPlace.init(key:))
    let old = Mutex(HistogramAccumulator(isWhole: isWhole))
    try concurrentForEach(count: places.count, threads: threads) { (number) throws(DatabaseError) in
      let block = try parent.read(shardGrid.box(at: places[number].index))
      let scan = scan(block, at: places[number])
      old.withLock { $0.add(scan.histogram) }
    }
    histogram.subtract(old.withLock { $0 })
    histogram.add(added)
    return histogram
  }
}
