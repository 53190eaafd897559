// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Synchronization

extension VersionWriter {
  /// What a specification means in a database.
  struct Preparation {
    let levels: [ScaleLevel]
    let parent: StoredVersion?
    let image: VersionRecord?
    let classes: [(record: ClassRecord, assignment: ClassAssignment)]
    let purpose: ShardScan.Purpose
  }

  /// Begins a version: reserves its number and makes its staging folder.
  ///
  /// - Parameter threads: How many threads encode.
  /// - Throws: ``DatabaseError``; then nothing is left behind.
  public convenience init(
    _ specification: VersionSpecification, in database: VolumeDatabase, threads: Int = 2
  ) throws(DatabaseError) {
    try database.requireWriting()
    let preparation = try Self.prepare(specification, in: database)
    let volume = try Self.volume(for: specification, in: database)
    let uuid = UUID().uuidString.lowercased()
    let staging = DatabaseLayout.stagingPath(uuid)
    let folder = database.layout.path(staging)
    guard let lock = try StagingLock(path: folder + ".lock") else {
      throw .beingWritten("\(volume.reference)")
    }
    var record: VersionRecord?
    do throws(DatabaseError) {
      let reserved = try inCatalog { () throws(CatalogError) in
        try database.catalog.reserveVersion(
          Self.draft(specification, preparation, volume: volume.id, uuid: uuid, stagingPath: staging))
      }
      record = reserved
      try FileSystem.createFolder(folder, existing: false)
      let journal = try StagingJournal(path: folder + ".journal", folder: folder)
      try self.init(
        record: reserved, specification: specification, database: database, preparation: preparation,
        journal: journal, lock: lock, threads: threads)
    } catch {
      // What went wrong is told; that clearing up failed too would hide it.
      if let record { try? database.discard(record) }
      _ = try? database.catalog.removeVolumeIfUnused(volume.id)
      try? FileSystem.removeFile(folder + ".lock")
      throw error
    }
    try database.interruption?(.reserved)
  }

  /// Goes on with the version that a run began, or begins it where the run was lost before.
  ///
  /// - Throws: ``DatabaseError``, as the two ways do.
  public static func resumedOrBegun(
    _ specification: VersionSpecification, in database: VolumeDatabase, threads: Int = 2
  ) throws(DatabaseError) -> VersionWriter {
    do throws(DatabaseError) {
      return try VersionWriter(resuming: specification, in: database, threads: threads)
    } catch .nothingToResume {
      return try VersionWriter(specification, in: database, threads: threads)
    }
  }

  /// Goes on with the version that a run began and did not finish.
  ///
  /// Shards that are complete stay; torn ones, and coarser levels, are made anew.
  ///
  /// - Parameter specification: The same as when the version was begun, run included.
  /// - Throws: ``DatabaseError/nothingToResume(_:)`` if the run has no half-written version of the volume,
  ///   ``DatabaseError/beingWritten(_:)``, ``DatabaseError/doesNotFit(version:other:what:)`` if it was begun
  ///   with other settings.
  public convenience init(
    resuming specification: VersionSpecification, in database: VolumeDatabase, threads: Int = 2
  ) throws(DatabaseError) {
    try database.requireWriting()
    let preparation = try Self.prepare(specification, in: database)
    let found = try inCatalog { () throws(CatalogError) in
      try database.catalog.unfinishedVersions().last { version in
        version.state == .staging && version.runID == specification.runID && specification.runID != nil
          && version.dataset.lowercased() == specification.volume.dataset.lowercased()
          && version.volume.lowercased() == specification.volume.volume.lowercased()
      }
    }
    guard let found, let staging = found.stagingPath else {
      throw .nothingToResume("\(specification.volume)")
    }
    let folder = database.layout.path(staging)
    guard let lock = try StagingLock(path: folder + ".lock") else { throw .beingWritten(found.reference) }
    try Self.check(found, specification, preparation)
    try FileSystem.createFolders(folder)
    let journal = try StagingJournal(path: folder + ".journal", folder: folder)
    try Self.removeUnlisted(folder, journal)
    try inCatalog { () throws(CatalogError) in try database.catalog.clearContent(ofVersion: found.id) }
    try self.init(
      record: found, specification: specification, database: database, preparation: preparation,
      journal: journal, lock: lock, threads: threads)
    // Layers that another process wrote are not in memory: the coarser levels are made at the end.
    if !journal.entries.isEmpty { state.withLock { $0.nextLayer = nil } }
  }

  private static func prepare(
    _ specification: VersionSpecification, in database: VolumeDatabase
  ) throws(DatabaseError) -> Preparation {
    try specification.check()
    let name = "\(specification.volume)"
    let parent = try specification.parent.map { (reference) throws(DatabaseError) in
      try database.version(reference)
    }
    let image = try specification.image.map { (reference) throws(DatabaseError) in
      try database.record(reference)
    }
    var plan = LevelPlan(shape: specification.shape, voxelSize: specification.voxelSize)
    if let image {
      guard image.kind == .image else {
        throw .doesNotFit(version: name, other: image.reference, what: "that is no image")
      }
      guard image.state == .committed || image.state == .retired else {
        throw .notCommitted(image.reference, state: image.state.rawValue)
      }
      // With a parent its levels count, and the image's files may be gone.
      if parent == nil && image.shape == specification.shape {
        plan = try database.version(image).levelPlan
      }
    }
    var levels = try ScaleLevel.levels(plan, of: specification)
    if let parent {
      let record = parent.record
      guard record.dataset == specification.volume.dataset, record.volume == specification.volume.volume
      else {
        throw .doesNotFit(version: name, other: record.reference, what: "that is a version of another volume")
      }
      guard record.shape == specification.shape, record.dataType == specification.dataType else {
        throw .doesNotFit(
          version: name, other: record.reference,
          what: "it is \(specification.dataType) of \(specification.shape), that is \(record.dataType) of "
            + "\(record.shape)")
      }
      levels = try parent.levels
    }
    var classes: [(record: ClassRecord, assignment: ClassAssignment)] = []
    for assignment in specification.classes {
      let record = try inCatalog { () throws(CatalogError) in try database.catalog.classNamed(assignment.name)
      }
      classes.append((record, assignment))
    }
    let instances = classes.first { $0.assignment.mode == .instance }
    return Preparation(
      levels: levels, parent: parent, image: image, classes: classes,
      purpose: ShardScan.Purpose(
        countsValues: specification.isLabel && instances == nil, instanceClass: instances?.record.id,
        makesHistogram: !specification.isLabel))
  }

  /// The volume that gets the version, made if there is none.
  private static func volume(
    for specification: VersionSpecification, in database: VolumeDatabase
  ) throws(DatabaseError) -> VolumeRecord {
    let reference = specification.volume
    let volume = try inCatalog { () throws(CatalogError) in
      let dataset = try database.catalog.dataset(named: reference.dataset)
      let known = try database.catalog.volumes(ofDataset: dataset.id)
      if let volume = known.first(where: { $0.name.lowercased() == reference.volume.lowercased() }) {
        return volume
      }
      return try database.catalog.addVolume(reference.volume, kind: specification.kind, in: dataset.id)
    }
    guard volume.kind == specification.kind else {
      throw .wrongKind(
        volume: volume.reference, is: volume.kind.rawValue, asked: specification.kind.rawValue)
    }
    return volume
  }

  private static func draft(
    _ specification: VersionSpecification, _ preparation: Preparation, volume: Int64, uuid: String,
    stagingPath: String
  ) -> VersionDraft {
    var draft = VersionDraft(
      volumeID: volume, dataType: specification.dataType, shape: specification.shape,
      voxelSize: specification.voxelSize, origin: specification.origin,
      chunk: preparation.levels[0].layout.chunk, shard: preparation.levels[0].layout.shard,
      levels: preparation.levels.count, stagingPath: stagingPath)
    draft.uuid = uuid
    draft.parentID = preparation.parent?.record.id
    draft.imageID = preparation.image?.id
    draft.runID = specification.runID
    draft.valueScale = specification.valueScale
    draft.note = specification.note
    return draft
  }

  /// Checks that a half-written version was begun with the same settings.
  private static func check(
    _ found: VersionRecord, _ specification: VersionSpecification, _ preparation: Preparation
  ) throws(DatabaseError) {
    let layout = preparation.levels[0].layout
    let isSame =
      found.dataType == specification.dataType && found.shape == specification.shape
      && found.voxelSize == specification.voxelSize && found.origin == specification.origin
      && found.chunk == layout.chunk && found.shard == layout.shard
      && found.levels == preparation.levels.count && found.parentID == preparation.parent?.record.id
      && found.imageID == preparation.image?.id && found.valueScale == specification.valueScale
    guard isSame else {
      throw .doesNotFit(
        version: "\(specification.volume)", other: found.reference, what: "that was begun with other settings"
      )
    }
  }

  /// Removes shards that the journal does not list: torn ones, and those of coarser levels.
  private static func removeUnlisted(_ folder: String, _ journal: StagingJournal) throws(DatabaseError) {
    for level in try FileSystem.names(in: folder) {
      let root = "\(folder)/\(level)/c"
      guard FileSystem.kind(root) == .folder else { continue }
      if level != "0" {
        try FileSystem.removeTree(root)
        continue
      }
      for z in try FileSystem.names(in: root) {
        for y in try FileSystem.names(in: "\(root)/\(z)") {
          for x in try FileSystem.names(in: "\(root)/\(z)/\(y)")
          where (journal.entry("0/c/\(z)/\(y)/\(x)")?.byteCount ?? 0) == 0 {
            try FileSystem.removeFile("\(root)/\(z)/\(y)/\(x)")
          }
        }
      }
    }
  }
}
