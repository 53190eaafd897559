// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Synchronization
import Zarr

extension VolumeDatabase {
  /// Compares what is stored with what was written: every file with the manifests, the manifests with the
  /// catalog, and the catalog with the folders. Changes nothing, and needs no permission to.
  ///
  /// - Parameters:
  ///   - scope: What to look at; only with ``VerificationScope/everything`` are files looked for that belong
  ///     to nothing.
  ///   - sample: How many shards of each version are hashed, spread over it; `nil` is all. That all files are
  ///     there and have their size is always looked at.
  ///   - threads: How many shards are hashed at once.
  ///   - progress: Called with the bytes looked at, and those to be looked at in all; what it throws ends the
  ///     work.
  public func verify(
    _ scope: VerificationScope = .everything, sample: Int? = nil, threads: Int = 2,
    progress: @escaping @Sendable (Int, Int) throws -> Void = { _, _ in }
  ) throws -> VerificationReport {
    var verification = Verification(self, sample: sample, threads: threads, progress: progress)
    let versions = try self.versions(in: scope)
    verification.total = versions.reduce(0) { sum, version in
      let listed = DatabaseLayout.manifest(of: layout.path(version.path))
      let manifest = (try? FileSystem.read(listed)).flatMap { try? ShardManifest(parsing: $0, path: listed) }
      return sum + (manifest?.byteCount ?? 0)
    }
    try progress(0, verification.total)
    for version in versions { try verification.verify(version) }
    for model in try models(in: scope) { try verification.verify(model) }
    if scope.isEverything { try verification.compareFolders() }
    return verification.report
  }

  private func versions(in scope: VerificationScope) throws(DatabaseError) -> [VersionRecord] {
    if scope.model != nil { return [] }
    return try inCatalog { () throws(CatalogError) in
      let dataset = try scope.dataset.map { (name) throws(CatalogError) in try catalog.dataset(named: name).id
      }
      let volume = try scope.volume.map { (one) throws(CatalogError) in
        try catalog.volume(named: one.volume, in: one.dataset)
      }
      if let number = scope.number, let volume { return [try catalog.version(number, ofVolume: volume)] }
      return try catalog.versions(ofVolume: volume?.id, ofDataset: dataset, states: [.committed, .retired])
        .filter { $0.freedAt == nil }
    }
  }

  private func models(in scope: VerificationScope) throws(DatabaseError) -> [ModelVersionRecord] {
    if scope.dataset != nil || scope.volume != nil { return [] }
    return try inCatalog { () throws(CatalogError) in
      guard let model = scope.model else { return try catalog.modelVersions(states: [.committed, .retired]) }
      if model.number != nil { return [try catalog.modelVersion(model.number, ofModel: model.name)] }
      return try catalog.modelVersions(
        ofModel: try catalog.model(named: model.name).id, states: [.committed, .retired])
    }
  }
}

/// A verification that is under way.
struct Verification {
  let database: VolumeDatabase
  let sample: Int?
  let threads: Int
  let progress: @Sendable (Int, Int) throws -> Void
  /// The bytes of all shards that are to be looked at.
  var total = 0
  var report = VerificationReport()
  private var done = 0
  /// Hashes of files that were looked at already: versions share shards.
  private var hashes: [FileSystem.Facts.Identity: Hash128] = [:]

  init(
    _ database: VolumeDatabase, sample: Int?, threads: Int,
    progress: @escaping @Sendable (Int, Int) throws -> Void
  ) {
    self.database = database
    self.sample = sample
    self.threads = threads
    self.progress = progress
  }

  var catalog: Catalog { database.catalog }
  var layout: DatabaseLayout { database.layout }

  // MARK: A version

  mutating func verify(_ record: VersionRecord) throws {
    report.versions += 1
    let folder = layout.path(record.path)
    guard FileSystem.kind(folder) == .folder else {
      // It may have been removed or renamed since the catalog was asked.
      let now = try? catalog.version(record.id)
      if now?.freedAt != nil || now?.path != record.path { return }
      report.add(.lost, record.reference, "its folder \(record.path) is gone: restore it from a backup")
      return
    }
    let version: StoredVersion
    do throws(DatabaseError) {
      version = try database.version(record)
    } catch {
      report.add(.description, record.reference, "\(error)")
      return
    }
    try compare(version)
    let whole = try hash(version)
    findForeign(version)
    let problems = try database.indexProblems(of: version)
    let damaged = Set(report.problems.lazy.filter { $0.what == record.reference }.compactMap(\.shard))
    for key in problems.keys.sorted() where !damaged.contains(key) {
      report.add(
        .indexless, record.reference, shard: key, box: box(of: key, version),
        (problems[key] ?? "") + ": vemdb repair makes that anew")
    }
    withExtendedLifetime(whole) {}
  }

  /// Compares the version's own description with the catalog's.
  private mutating func compare(_ version: StoredVersion) throws {
    let record = version.record
    let facts: VersionFacts
    do throws(DatabaseError) {
      facts = try VersionFacts(folder: version.folder)
    } catch {
      report.add(.description, record.reference, "\(error)")
      return
    }
    let pairs: [(String, Bool)] = [
      ("UUID", facts.uuid == record.uuid), ("name", version.multiscale.name == record.reference),
      ("number", facts.number == record.number),
      ("content hash", facts.contentHash == record.contentHash),
      ("data type", facts.dataType == record.dataType), ("shape", facts.shape == record.shape),
      ("voxel size", facts.voxelSize == record.voxelSize), ("chunk shape", facts.chunk == record.chunk),
      ("shard shape", facts.shard == record.shard),
    ]
    let wrong = pairs.filter { !$0.1 }.map(\.0)
    if !wrong.isEmpty {
      report.add(
        .description, record.reference,
        "its files and the catalog disagree about its \(wrong.joined(separator: ", "))")
    }
  }

  /// Compares the files of the shards with the manifest.
  private mutating func hash(_ version: StoredVersion) throws -> Int {
    let entries = version.manifest.sorted
    report.shards += entries.count
    var found: [(entry: StoredShard, facts: FileSystem.Facts)] = []
    for entry in entries {
      guard let facts = FileSystem.facts("\(version.folder)/\(entry.key)") else {
        add(.missing, entry.key, version, "the manifest lists it: restore it from a backup")
        continue
      }
      if facts.byteCount < entry.byteCount {
        add(
          .torn, entry.key, version,
          "it has \(facts.byteCount) of \(entry.byteCount) bytes: restore it from a backup")
        continue
      }
      found.append((entry, facts))
    }
    if let sample, found.count > sample {
      // Spread evenly, from the middle of each part.
      found = (0..<sample).map { found[(2 * $0 + 1) * found.count / (2 * sample)] }
    }
    var new: [(entry: StoredShard, facts: FileSystem.Facts)] = []
    var isSeen = Set(hashes.keys)
    for one in found where isSeen.insert(one.facts.identity).inserted { new.append(one) }
    let jobs = new
    let results = Mutex<[FileSystem.Facts.Identity: Hash128]>([:])
    let (before, total, progress, folder) = (done, total, progress, version.folder)
    let bytes = Mutex(0)
    try concurrentForEach(count: jobs.count, threads: threads) { (number) throws in
      let one = jobs[number]
      let hash = try Hash128(ofFile: "\(folder)/\(one.entry.key)")
      results.withLock { $0[one.facts.identity] = hash }
      let now = bytes.withLock { sum -> Int in
        sum += one.entry.byteCount
        return sum
      }
      try progress(min(before + now, total), total)
    }
    report.hashedShards += jobs.count
    report.hashedBytes += jobs.reduce(0) { $0 + $1.facts.byteCount }
    hashes.merge(results.withLock { $0 }) { $1 }
    for (entry, facts) in found where hashes[facts.identity] != entry.hash {
      let place = ShardPlace(key: entry.key)
      let isReadable = place.map { place in
        version.arrays.indices.contains(place.level)
          && (try? version.arrays[place.level].presentChunks(ofShard: place.index)) != nil
      }
      if isReadable == true {
        add(
          .altered, entry.key, version, "its bytes are not those that were written: restore it from a backup")
      } else {
        add(.torn, entry.key, version, "its index cannot be read: restore it from a backup")
      }
    }
    done += version.manifest.byteCount
    try progress(min(done, total), total)
    return jobs.count
  }

  /// Looks for files in the version's folder that are no part of it.
  private mutating func findForeign(_ version: StoredVersion) {
    var files: [String] = []
    var folders: [String] = []
    guard (try? FileSystem.walk(version.folder, &files, &folders)) != nil else { return }
    let levels = Set(version.multiscale.levels.map { "\($0.path)/zarr.json" })
    for file in files.sorted() {
      let key = String(file.dropFirst(version.folder.count + 1))
      if key == "zarr.json" || levels.contains(key) || version.manifest.entries[key] != nil { continue }
      if file.hasSuffix(FileSystem.unfinishedEnding) { continue }
      add(.foreign, key, version, "no manifest lists it: move it away if it is not yours")
    }
  }

  private mutating func add(
    _ kind: VerificationReport.Problem.Kind, _ key: String, _ version: StoredVersion, _ detail: String
  ) {
    report.add(kind, version.record.reference, shard: key, box: box(of: key, version), detail)
  }

  /// The voxels of a shard, in voxels of level 0.
  private func box(of key: String, _ version: StoredVersion) -> Box? {
    guard let place = ShardPlace(key: key), version.arrays.indices.contains(place.level) else { return nil }
    let grid = version.arrays[place.level].grid
    guard (0..<3).allSatisfy({ place.index[$0] < grid.counts[$0] }) else { return nil }
    let (box, factors) = (grid.box(at: place.index), version.levelPlan.factors(of: place.level))
    return Box(
      lower: (0..<3).map { box.lower[$0] * factors[$0] },
      upper: (0..<3).map { min(box.upper[$0] * factors[$0], version.record.shape[$0]) })
  }
}
