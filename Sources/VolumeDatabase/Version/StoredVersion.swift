// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog
import Foundation
public import Zarr

/// A committed version, opened for reading.
///
/// A value that may be used from many threads.
public struct StoredVersion: Sendable {
  /// What the catalog knows of it.
  public let record: VersionRecord
  /// Its folder.
  public let folder: String
  /// The scale levels as its metadata say.
  public let multiscale: MultiscaleMetadata
  /// Its shards.
  public let manifest: ShardManifest
  /// What its values mean, by rising value; empty for images.
  public let classes: [VersionClass]
  /// Where it was really given, annotated or computed.
  public let coverage: [CoverageBox]

  let arrays: [ZarrArray]

  /// Keeps the version in its place as long as somebody reads it.
  private let lock: FileLock

  /// `dataset/volume@number`.
  public var reference: VersionReference {
    VersionReference(volume: volume, number: record.number)
  }

  /// The volume it is a version of.
  public let volume: VolumeReference

  /// The number of scale levels.
  public var levelCount: Int { arrays.count }

  /// Opens a committed or retired version.
  init(_ record: VersionRecord, in database: VolumeDatabase) throws(DatabaseError) {
    guard record.state == .committed || record.state == .retired else {
      throw .notCommitted(record.reference, state: record.state.rawValue)
    }
    if record.freedAt != nil {
      throw .notCommitted(record.reference, state: "retired and its files are gone")
    }
    let folder = database.layout.path(record.path)
    let listed = DatabaseLayout.manifest(of: folder)
    guard let lock = try FileLock(listed, .shared) else { throw .beingMoved(record.reference) }
    self.lock = lock
    let manifest = try ShardManifest(parsing: try FileSystem.read(listed), path: listed)
    let store = ListedStore(folder: LocalStore(path: folder), manifest: manifest)
    (multiscale, arrays) = try inZarr(folder) { () throws(ZarrError) in
      let group = try GroupMetadata(opening: "", in: store)
      guard let multiscale = try MultiscaleMetadata(attributes: group.attributes, key: "zarr.json") else {
        throw .invalidMetadata(key: "zarr.json", reason: "it describes no scale levels")
      }
      return (
        multiscale,
        try multiscale.levels.map { (level) throws(ZarrError) in try ZarrArray(opening: level.path, in: store)
        }
      )
    }
    (classes, coverage) = try inCatalog { () throws(CatalogError) in
      (
        try database.catalog.classes(ofVersion: record.id),
        try database.catalog.coverage(ofVersion: record.id)
      )
    }
    volume = try VolumeReference(dataset: record.dataset, volume: record.volume)
    self.record = record
    self.folder = folder
    self.manifest = manifest
  }

  /// The array of a scale level.
  ///
  /// - Throws: ``DatabaseError/noLevel(_:version:count:)``.
  public func array(level: Int) throws(DatabaseError) -> ZarrArray {
    guard arrays.indices.contains(level) else {
      throw .noLevel(level, version: record.reference, count: arrays.count)
    }
    return arrays[level]
  }

  /// Reads the voxels of `box`.
  ///
  /// - Parameters:
  ///   - box: In voxels of `level`; must lie inside it.
  ///   - threads: How many threads fetch and decode.
  /// - Returns: Voxels of shape `box.extent`, [z, y, x].
  /// - Throws: ``DatabaseError/zarr(_:folder:)`` where a shard is missing or damaged.
  public func read(_ box: Box, level: Int = 0, threads: Int = 1) throws(DatabaseError) -> NDArray {
    let array = try array(level: level)
    return try inZarr(folder) { () throws(ZarrError) in try array.read(box, threads: threads) }
  }

  /// By how much each level is coarser than the one before it.
  public var levelPlan: LevelPlan {
    var steps = [[1, 1, 1]]
    for (fine, coarse) in zip(multiscale.levels, multiscale.levels.dropFirst()) {
      steps.append((0..<3).map { max(1, Int((coarse.scale[$0] / fine.scale[$0]).rounded())) })
    }
    return LevelPlan(steps: steps)
  }

  /// The levels as they are stored.
  var levels: [ScaleLevel] {
    get throws(DatabaseError) {
      let steps = levelPlan.steps
      var levels: [ScaleLevel] = []
      for (number, array) in arrays.enumerated() {
        levels.append(
          ScaleLevel(
            number: number, step: steps[number], shape: array.shape,
            layout: try ChunkLayout(chunk: array.innerGrid.chunk, shard: array.grid.chunk)))
      }
      return levels
    }
  }
}

extension VolumeDatabase {
  /// Opens a version: the one that is named, or the latest committed one.
  ///
  /// - Throws: ``DatabaseError/catalog(_:)`` if there is none of that name,
  ///   ``DatabaseError/noVersion(_:)`` if none is committed, or what is wrong with its files.
  public func version(_ reference: VersionReference) throws(DatabaseError) -> StoredVersion {
    try version(try record(reference))
  }

  /// Opens a version by what the catalog knows of it.
  ///
  /// Waits a moment for a process that is just moving it to another name.
  public func version(_ record: VersionRecord) throws(DatabaseError) -> StoredVersion {
    var record = record
    for _ in 0..<40 {
      do throws(DatabaseError) {
        return try StoredVersion(record, in: self)
      } catch {
        guard let now = try? catalog.version(record.id) else { throw error }
        let isMoving =
          switch error {
          case .beingMoved: true
          case .system(_, _, ENOENT): FileSystem.kind(layout.renaming) != nil
          default: false
          }
        guard now.path != record.path || isMoving else { throw error }
        if now.path == record.path { Thread.sleep(forTimeInterval: 0.05) }
        record = now
      }
    }
    return try StoredVersion(record, in: self)
  }

  /// What the catalog knows of a version: the one that is named, or the latest committed one.
  public func record(_ reference: VersionReference) throws(DatabaseError) -> VersionRecord {
    let volume = try volume(reference.volume)
    let found = try inCatalog { () throws(CatalogError) in
      guard let number = reference.number else { return try catalog.latestVersion(ofVolume: volume.id) }
      return try catalog.version(number, ofVolume: volume)
    }
    guard let found else { throw .noVersion(reference.volume) }
    return found
  }
}
