// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog
import Foundation
public import VolumeDatabase

/// Corrects what a version says of its voxels' place in space: by a new version that shares every shard.
///
/// ```swift
/// var edit = EditRun(try VersionReference(parsing: "ratliver/em@1"))
/// edit.voxelSize = VoxelSize(z: 60, y: 8, x: 8)
/// let outcome = try edit.start(in: database)        // ratliver/em@2
/// ```
///
/// Scale levels, coverage, classes, statistics, objects and source files are the parent's.
public struct EditRun: Codable, Hashable, Sendable {
  /// The version that is corrected, with its number; of none the latest.
  public var version: String
  /// Distances between voxels; `nil` keeps them.
  public var voxelSize: VoxelSize?
  /// The centre of the first voxel, nm, z, y, x; `nil` keeps it.
  public var origin: [Double]?

  /// A change of `version` that changes nothing yet.
  public init(_ version: VersionReference) {
    self.version = "\(version)"
  }

  /// What a change made.
  public struct Outcome: Sendable {
    /// The new version.
    public let version: VersionRecord
    /// The one that it corrects.
    public let parent: String
    /// The run that made it.
    public let runID: Int64
    /// Latest versions of labels, predictions and probabilities of the corrected image that have another
    /// voxel size or origin.
    public let behind: [String]
  }

  /// Makes and commits the new version.
  ///
  /// - Throws: ``EditError/nothingToChange(_:)``, `DatabaseError`; nothing is left of the version then.
  public func start(in database: VolumeDatabase) throws -> Outcome {
    let parent = try database.version(try VersionReference(parsing: version))
    var edit = self
    // What `latest` meant now is what a resumed run must find again.
    edit.version = "\(parent.reference)"
    let specification = try edit.specification(of: parent, in: database)
    guard
      specification.voxelSize != parent.record.voxelSize || specification.origin != parent.record.origin
    else { throw EditError.nothingToChange(edit.version) }
    let description = try RunDescription(
      .edit, settings: edit, inputs: [RunInput("parent", .version(parent.record.id))])
    return try ActiveRun.perform(description, in: database.catalog, folder: database.layout.runs) { run in
      var specification = specification
      specification.runID = run.id
      return try edit.write(
        with: try VersionWriter(specification, in: database), of: parent, in: database, run)
    }
  }

  /// Goes on with a change that was lost.
  public static func resume(_ id: Int64, in database: VolumeDatabase) throws -> Outcome {
    let record = try database.catalog.run(id)
    guard record.kind == .edit,
      let edit = try? JSONDecoder().decode(EditRun.self, from: Data(record.parameters.utf8))
    else { throw EditError.notResumable(run: id) }
    let parent = try database.version(try VersionReference(parsing: edit.version))
    return try ActiveRun.resume(id, in: database.catalog, folder: database.layout.runs) { run in
      var specification = try edit.specification(of: parent, in: database)
      specification.runID = id
      return try edit.write(
        with: try VersionWriter.resumedOrBegun(specification, in: database), of: parent, in: database, run)
    }
  }

  private func specification(
    of parent: StoredVersion, in database: VolumeDatabase
  ) throws -> VersionSpecification {
    var specification = try VersionSpecification(continuing: parent, in: database)
    if let voxelSize { specification.voxelSize = voxelSize }
    if let origin { specification.origin = origin }
    if let image = try correctedImage(of: parent, specification, in: database) { specification.image = image }
    return specification
  }

  /// The latest version of the parent's image that has the same voxels in the new place: the image was
  /// corrected before its labels.
  private func correctedImage(
    of parent: StoredVersion, _ specification: VersionSpecification, in database: VolumeDatabase
  ) throws -> VersionReference? {
    guard let imageID = parent.record.imageID else { return nil }
    let image = try database.catalog.version(imageID)
    guard image.shape == parent.record.shape else { return nil }
    let corrected = try database.catalog.versions(ofVolume: image.volumeID).last { version in
      version.contentHash == image.contentHash && version.voxelSize == specification.voxelSize
        && version.origin == specification.origin
    }
    return try corrected.map { try VersionReference(parsing: $0.reference) }
  }

  private func write(
    with writer: VersionWriter, of parent: StoredVersion, in database: VolumeDatabase, _ run: ActiveRun
  ) throws -> Outcome {
    do {
      try writer.finish(coverage: [])
      try database.commit([writer])
    } catch {
      // What went wrong is told; that clearing up failed too would hide it.
      try? writer.abandon()
      throw error
    }
    run.advance(to: 1, of: 1)
    let version = try database.catalog.version(writer.record.id)
    return Outcome(
      version: version, parent: "\(parent.reference)", runID: run.id,
      behind: try behind(version, parent.record, in: database))
  }

  private func behind(
    _ version: VersionRecord, _ parent: VersionRecord, in database: VolumeDatabase
  ) throws -> [String] {
    var latest: [Int64: VersionRecord] = [:]
    for one in try database.catalog.versions() { latest[one.volumeID] = one }
    return latest.values.filter { one in
      one.imageID == parent.id && (one.voxelSize != version.voxelSize || one.origin != version.origin)
    }.map(\.reference).sorted()
  }
}
