// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Synchronization
import Zarr

extension Restoring {
  /// A version that the files have and the catalog does not know.
  private struct Pending {
    let volume: VolumeRecord
    let facts: VersionFacts
    /// Its folder; `nil` if its files are gone.
    let folder: String?
    let committedAt: Timestamp
    let retiredAt: Timestamp?
    let freedAt: Timestamp?
  }

  /// Enters versions, each after those that it came from, and what is missing of the statistics of those
  /// that are known.
  mutating func versions(_ progress: @Sendable (Int, Int) throws -> Void) throws {
    var pending: [Pending] = []
    for volume in try catalog.volumes() { pending += try self.pending(in: volume) }
    let indexing = try deficits()
    var done = 0
    let total = pending.reduce(0) { $0 + byteCount(of: $1.folder) } + indexing.reduce(0) { $0 + $1.byteCount }
    try progress(0, total)
    var waiting = Set(pending.map(\.facts.uuid))
    while !pending.isEmpty {
      // Those that came from one that is still waiting come after it; in a ring nobody waits.
      var ready = pending.filter { one in
        ![one.facts.parentUUID, one.facts.imageUUID].contains { $0.map(waiting.contains) ?? false }
      }
      if ready.isEmpty { ready = pending }
      for one in ready {
        try enter(one)
        waiting.remove(one.facts.uuid)
        done += byteCount(of: one.folder)
        try progress(done, total)
      }
      pending.removeAll { one in ready.contains { $0.facts.uuid == one.facts.uuid } }
    }
    for one in indexing {
      try enter(one)
      done += one.byteCount
      try progress(done, total)
    }
  }

  private mutating func pending(in volume: VolumeRecord) throws -> [Pending] {
    let reference = try VolumeReference(dataset: volume.dataset, volume: volume.name)
    let folder = layout.volume(reference)
    if !isFolder(folder) { return [] }
    let group = groupFacts(folder, "")
    let listed = Dictionary(
      (group["versions"]?.array ?? []).compactMap { entry in
        entry["uuid"]?.string.map { ($0, entry) }
      }, uniquingKeysWith: { $1 })
    let retired = Set((group["retired"]?.array ?? []).compactMap(\.int))
    var found: [Pending] = []
    func add(_ facts: VersionFacts, _ folder: String?) throws {
      if try catalog.key(of: .version, uuid: facts.uuid) != nil { return }
      let entry = listed[facts.uuid]
      let written = folder.flatMap { FileSystem.facts(DatabaseLayout.manifest(of: $0)) }
        .map { Timestamp(secondsSince1970: $0.modifiedSeconds) }
      let committed = time(entry?["committed_at"]) ?? written ?? facts.createdAt
      let isRetired = folder == nil || retired.contains(facts.number) || entry?["retired_at"] != nil
      found.append(
        Pending(
          volume: volume, facts: facts, folder: folder, committedAt: committed,
          retiredAt: time(entry?["retired_at"]) ?? (isRetired ? committed : nil),
          freedAt: time(entry?["freed_at"]) ?? (folder == nil ? committed : nil)))
    }
    for number in versionNumbers(in: folder) {
      let path = "\(folder)/\(number)"
      do {
        let facts = try VersionFacts(folder: path)
        guard facts.number == number else {
          throw DatabaseError.badFacts(
            path: "\(path)/zarr.json", reason: "it says that it is version \(facts.number)")
        }
        if FileSystem.kind(DatabaseLayout.manifest(of: path)) == nil {
          throw DatabaseError.badManifest(
            path: DatabaseLayout.manifest(of: path), reason: "it is missing")
        }
        try add(facts, path)
      } catch let error as DatabaseError {
        let isKnown = (try? catalog.version(number, ofVolume: volume)) != nil
        if !isKnown { report.cannot("\(reference)@\(number)", "\(error)") }
      }
    }
    for tombstone in group["freed"]?.array ?? [] {
      guard let json = tombstone.object, let uuid = json["uuid"]?.string else { continue }
      if found.contains(where: { $0.facts.uuid == uuid }) { continue }
      if let facts = try? VersionFacts(tombstone: json, place: "\(folder)/zarr.json") { try add(facts, nil) }
    }
    return found
  }

  private func byteCount(of folder: String?) -> Int {
    guard let folder, let manifest = try? manifest(of: folder) else { return 0 }
    return manifest.byteCount
  }

  private func manifest(of folder: String) throws(DatabaseError) -> ShardManifest {
    let listed = DatabaseLayout.manifest(of: folder)
    return try ShardManifest(parsing: try FileSystem.read(listed), path: listed)
  }

  private mutating func enter(_ one: Pending) throws {
    let facts = one.facts
    let reference = "\(one.volume.reference)@\(facts.number)"
    guard let size = facts.voxelSize, let hash = facts.contentHash else { return }
    let staging = DatabaseLayout.stagingPath(facts.uuid)
    var draft = VersionDraft(
      volumeID: one.volume.id, dataType: facts.dataType, shape: facts.shape, voxelSize: size,
      origin: facts.origin, chunk: facts.chunk, shard: facts.shard, levels: facts.levels, stagingPath: staging
    )
    draft.uuid = facts.uuid
    for (role, uuid) in [("parent", facts.parentUUID), ("image", facts.imageUUID)] {
      guard let uuid else { continue }
      let key = try catalog.key(of: .version, uuid: uuid)
      if role == "parent" { draft.parentID = key } else { draft.imageID = key }
      if key == nil { report.cannot(reference, "its \(role) is not there any more") }
    }
    draft.runID = try facts.runUUID.flatMap { try catalog.key(of: .run, uuid: $0) }
    if facts.runUUID != nil, draft.runID == nil {
      report.cannot(reference, "the run that made it is not there")
    }
    draft.valueScale = facts.valueScale
    draft.note = facts.note
    guard let lock = try StagingLock(path: layout.path(staging) + ".lock") else {
      throw DatabaseError.beingWritten(reference)
    }
    let path = "volumes/\(one.volume.reference)/\(facts.number)"
    let version = try catalog.restoreVersion(
      draft, number: facts.number, path: path, createdAt: facts.createdAt)
    let classes = try self.classes(of: facts)
    try catalog.setClasses(classes, ofVersion: version.id)
    try catalog.addCoverage(try coverage(of: facts, classes), to: version.id)
    try catalog.setSourceFiles(facts.sourceFiles, ofVersion: version.id)
    try catalog.setContent(
      hash: hash, histogram: facts.histogram, displayRange: facts.displayRange, ofVersion: version.id)
    if let folder = one.folder, one.freedAt == nil { try enterShards(of: version, in: folder, classes) }
    try catalog.finishRestoring(
      version.id, committedAt: one.committedAt, retiredAt: one.retiredAt, freedAt: one.freedAt)
    try FileSystem.removeFile(layout.path(staging) + ".lock")
    withExtendedLifetime(lock) {}
    report.did(reference, "entered")
  }

  private mutating func classes(of facts: VersionFacts) throws -> [VersionClass] {
    var classes: [VersionClass] = []
    for one in facts.json["classes"]?.array ?? [] {
      guard let name = one["name"]?.string, let mode = one["mode"]?.string.flatMap(ClassMode.init(rawValue:))
      else { continue }
      try enterClass(name, uuid: one["uuid"]?.string ?? Catalog.newIdentity())
      classes.append(VersionClass(try catalog.classNamed(name), mode: mode, value: one["value"]?.uint64))
    }
    return classes
  }

  private func coverage(of facts: VersionFacts, _ classes: [VersionClass]) throws -> [CoverageBox] {
    try (facts.json["coverage"]?.array ?? []).compactMap { entry in
      guard let box = Box(json: entry["box"]) else { return nil }
      let name = entry["class"]?.string
      let run = entry["run"]?.int.map(Int64.init)
      return CoverageBox(
        box, classID: try name.map { try catalog.classNamed($0).id },
        runID: run.flatMap { (try? catalog.run($0)) == nil ? nil : $0 })
    }
  }

  // MARK: Shards

  private mutating func enterShards(
    of version: VersionRecord, in folder: String, _ classes: [VersionClass]
  ) throws {
    let manifest = try manifest(of: folder)
    // Equal bytes in a file of its own take room of their own.
    let shared = try catalog.shareShards(
      manifest.entries.values.map { ($0.key, $0.byteCount, $0.hash) }, with: version.id
    ) { key, path in
      let (one, other) = (
        FileSystem.facts("\(folder)/\(key)"), FileSystem.facts("\(layout.path(path))/\(key)")
      )
      return one != nil && one?.identity == other?.identity
    }
    let new = manifest.sorted.filter { !shared.contains($0.key) }
    try index(new, of: version, in: folder, classes)
  }

  /// Looks at shards and enters what is in them.
  mutating func index(
    _ shards: [StoredShard], of version: VersionRecord, in folder: String, _ classes: [VersionClass]
  ) throws {
    let purpose = ShardScan.Purpose(version.kind, classes)
    let array = try inZarr(folder) { () throws(ZarrError) in
      try ZarrArray(opening: "0", in: LocalStore(path: folder))
    }
    let catalog = catalog
    let unreadable = Mutex<[String]>([])
    // A few shards at a time, so that their statistics need not all be in memory.
    for start in stride(from: 0, to: shards.count, by: 16) {
      let batch = Array(shards[start..<min(start + 16, shards.count)])
      let entries = Mutex<[Int: ShardEntry]>([:])
      try concurrentForEach(count: batch.count, threads: threads) { (number) throws(DatabaseError) in
        let stored = batch[number]
        guard let place = ShardPlace(key: stored.key) else { return }
        let record = ShardRecord(
          key: stored.key, level: place.level, index: place.index, byteCount: stored.byteCount,
          hash: stored.hash)
        guard place.level == 0 else {
          entries.withLock { $0[number] = ShardEntry(record, chunks: [], fragments: []) }
          return
        }
        do throws(ZarrError) {
          let box = array.grid.box(at: place.index)
          let scan = ShardScan(
            try array.read(box), at: box.origin, chunk: array.innerGrid.chunk, for: purpose)
          let chunks = scan.chunks.filter { $0.nonzero > 0 }
          entries.withLock { $0[number] = ShardEntry(record, chunks: chunks, fragments: scan.fragments) }
        } catch {
          entries.withLock { $0[number] = ShardEntry(record, chunks: [], fragments: []) }
          unreadable.withLock { $0.append("\(stored.key): \(error)") }
        }
      }
      let found = entries.withLock { $0 }
      try catalog.addShards(batch.indices.compactMap { found[$0] }, to: version.id)
    }
    for one in unreadable.withLock({ $0 }).sorted() { report.cannot(version.reference, one) }
  }

  /// Shards of known versions of which the catalog lacks rows or statistics.
  private struct Deficit {
    let version: VersionRecord
    let shards: [StoredShard]
    var byteCount: Int { shards.reduce(0) { $0 + $1.byteCount } }
  }

  private func deficits() throws -> [Deficit] {
    if isNew { return [] }
    var deficits: [Deficit] = []
    // A shard that versions share is looked at once.
    var seen: Set<FileSystem.Facts.Identity> = []
    for version in try catalog.versions(states: [.committed, .retired]) where version.freedAt == nil {
      guard let stored = try? database.version(version) else { continue }
      let problems = try database.indexProblems(of: stored)
      let shards = stored.manifest.sorted.filter { shard in
        guard problems[shard.key] != nil else { return false }
        guard let facts = FileSystem.facts("\(stored.folder)/\(shard.key)") else { return false }
        return seen.insert(facts.identity).inserted
      }
      if !shards.isEmpty { deficits.append(Deficit(version: version, shards: shards)) }
    }
    return deficits
  }

  private mutating func enter(_ deficit: Deficit) throws {
    let version = deficit.version
    let holders = try catalog.removeShards(deficit.shards.map(\.key), ofVersion: version.id)
    try index(
      deficit.shards, of: version, in: layout.path(version.path),
      try catalog.classes(ofVersion: version.id))
    for (key, versions) in holders where versions.contains(where: { $0 != version.id }) {
      try catalog.shareShard(key, ofVersion: version.id, with: versions.filter { $0 != version.id })
    }
    report.did(version.reference, "statistics of \(deficit.shards.count) shards were made anew")
  }
}

extension ShardScan.Purpose {
  /// What is to be found out of the voxels of a version; its histogram is known.
  init(_ kind: VolumeKind, _ classes: [VersionClass]) {
    let isLabel = kind == .label || kind == .prediction
    let instances = classes.first { $0.mode == .instance }
    self.init(
      countsValues: isLabel && instances == nil, instanceClass: instances?.classID, makesHistogram: false)
  }
}
