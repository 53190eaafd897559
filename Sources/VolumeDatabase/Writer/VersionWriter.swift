// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog
import Synchronization
import Zarr

/// Writes one version into its staging folder.
///
/// Either by layers (``writeLayer(_:layer:)``: ingest, with coarser levels made while a layer is in
/// memory) or by shards in any order (``writeShard(_:at:)``: predictions, from several threads if
/// wanted). Then ``finish(coverage:)`` makes what is missing and everything durable, and
/// ``VolumeDatabase/commit(_:modelVersions:)`` makes it visible. Until then ``abandon()`` leaves no trace;
/// a writer that is lost without it leaves work that its run can resume.
///
/// Memory: one layer with its coarser levels (a third of it), or one shard a thread, and for every chunk
/// of level 0 about 200 bytes of statistics.
public final class VersionWriter: Sendable {
  /// The version as the catalog has it.
  public let record: VersionRecord
  /// What is being written.
  public let specification: VersionSpecification
  /// How many threads encode.
  public let threads: Int

  let database: VolumeDatabase
  let levels: [ScaleLevel]
  let folder: String
  let arrays: [ZarrArray]
  let parent: StoredVersion?
  let image: VersionRecord?
  let classes: [(record: ClassRecord, assignment: ClassAssignment)]
  let purpose: ShardScan.Purpose
  let journal: StagingJournal
  let state: Mutex<State>

  struct State {
    enum Phase { case open, finished, sealed, released }
    var phase = Phase.open
    var lock: StagingLock?
    /// What is known of the shards of level 0 that this process wrote or looked at, by key.
    var scans: [String: ShardScan] = [:]
    /// Level-0 shards that are being written just now.
    var inProgress: Set<String> = []
    var histogram: HistogramAccumulator
    /// The next layer, as long as layers come one after the other from the first; then the coarser
    /// levels are made from layers in memory.
    var nextLayer: Int? = 0
    var pyramid: [PyramidLevel]
    /// The shards of coarser levels that are written.
    var coarse: [String: StoredShard] = [:]
  }

  init(
    record: VersionRecord, specification: VersionSpecification, database: VolumeDatabase,
    preparation: Preparation, journal: StagingJournal, lock: StagingLock, threads: Int
  ) throws(DatabaseError) {
    self.record = record
    self.specification = specification
    self.database = database
    self.threads = max(1, threads)
    levels = preparation.levels
    parent = preparation.parent
    image = preparation.image
    classes = preparation.classes
    purpose = preparation.purpose
    let folder = database.layout.path(record.stagingPath ?? DatabaseLayout.stagingPath(record.uuid))
    self.folder = folder
    self.journal = journal
    let levels = levels
    for level in levels where FileSystem.kind("\(folder)/\(level.number)/zarr.json") == nil {
      let place = "\(level.number)/zarr.json"
      let metadata = level.metadata(
        specification.dataType, compressionLevel: specification.compressionLevel)
      // Shards of the parent are read as its arrays say, whatever this program would write.
      let text =
        try preparation.parent.map { (parent) throws(DatabaseError) in
          try FileSystem.read("\(parent.folder)/\(place)")
        } ?? Array(metadata.json.text().utf8)
      try FileSystem.createFolders("\(folder)/\(level.number)")
      try FileSystem.replace("\(folder)/\(place)", with: text, isDurable: false)
    }
    arrays = try inZarr(folder) { () throws(ZarrError) in
      let store = LocalStore(path: folder)
      return try levels.map { (level) throws(ZarrError) in
        try ZarrArray(opening: "\(level.number)", in: store)
      }
    }
    state = Mutex(
      State(
        lock: lock, histogram: HistogramAccumulator(isWhole: !specification.dataType.isFloatingPoint),
        pyramid: levels.dropFirst().map { PyramidLevel($0, isLabel: specification.isLabel) }))
  }

  /// How many layers of shards level 0 has along z.
  public var layerCount: Int { levels[0].shards.counts[0] }

  /// The voxels of a layer: one shard deep, all of y and x.
  public func box(ofLayer layer: Int) -> Box {
    let depth = levels[0].layout.shard[0]
    let shape = levels[0].shape
    return Box(
      lower: [layer * depth, 0, 0], upper: [min((layer + 1) * depth, shape[0]), shape[1], shape[2]])
  }

  /// The grid of shards of level 0: the unit of ``writeShard(_:at:)``.
  public var shardGrid: ChunkGrid { levels[0].shards }

  /// The grid of chunks of level 0.
  public var chunkGrid: ChunkGrid { levels[0].chunks }

  /// Whether a shard of level 0 is written, now or before the work was resumed.
  public func isWritten(shard index: [Int]) -> Bool {
    journal.entry(ShardPlace(level: 0, index: index).key) != nil
  }

  /// Whether all shards of a layer are written.
  public func isWritten(layer: Int) -> Bool {
    let counts = shardGrid.counts
    return Box(origin: [layer, 0, 0], extent: [1, counts[1], counts[2]]).positions
      .allSatisfy { isWritten(shard: $0) }
  }

  /// Removes everything that was written, and the version's number from sight.
  ///
  /// A version that is sealed already is complete and safe on disk: it is left to the next opening for
  /// writing, which finishes its commit.
  public func abandon() throws(DatabaseError) {
    let mayDiscard = state.withLock { state in
      defer { state.phase = .released }
      return state.phase == .open || state.phase == .finished
    }
    if mayDiscard { try database.discard(record) }
    release()
  }

  func requireFinished() throws(DatabaseError) {
    let isFinished = state.withLock { $0.phase == .finished }
    if !isFinished { throw .badVersion(record.reference, reason: "it is not finished") }
  }

  /// Says that the catalog counts the version as complete.
  func markSealed() { state.withLock { $0.phase = .sealed } }

  /// Lets the lock go.
  func release() {
    state.withLock { state in
      state.phase = .released
      state.lock = nil
    }
  }
}
