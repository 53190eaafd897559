// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Foundation
import Zarr

extension VolumeDatabase {
  /// Makes the catalog of a database anew from its files.
  ///
  /// The new catalog is filled under another name and gets its own when it is complete, so that a rebuilding
  /// that is interrupted leaves none, and can be begun again. What is not in the files, because it was never
  /// committed, is not rebuilt: versions that were being written, and the work of runs on them.
  ///
  /// - Parameters:
  ///   - path: The folder of a database without `catalog.sqlite`.
  ///   - journal: How the catalog keeps transactions safe; `nil` keeps what the database was made with, where
  ///     the file system allows it.
  ///   - threads: How many threads look at voxels.
  ///   - progress: Called with the bytes of shards looked at, and those to be looked at in all.
  /// - Throws: ``DatabaseError/catalogExists(path:)``, or what keeps the catalog from being made.
  public static func rebuild(
    at path: String, journal: JournalMode? = nil, threads: Int = 2,
    progress: @Sendable (Int, Int) throws -> Void = { _, _ in }
  ) throws -> RepairReport {
    let layout = DatabaseLayout(root: path)
    if FileSystem.kind(layout.catalog) != nil { throw DatabaseError.catalogExists(path: layout.catalog) }
    try checkFormat(of: layout)
    try FileSystem.createFolders(layout.trash)
    guard let lock = try FileLock(layout.trash + "/.lock", .exclusive, creates: true) else {
      throw DatabaseError.busy("rebuilding the catalog or removing garbage")
    }
    for folder in [layout.models, layout.runs, layout.staging] { try FileSystem.createFolders(folder) }
    // The log of the lost catalog would be taken for that of the new one.
    for ending in ["-wal", "-shm", "-journal"] where FileSystem.kind(layout.catalog + ending) != nil {
      try FileSystem.rename(
        layout.catalog + ending, to: "\(layout.trash)/catalog\(ending)-\(Catalog.newIdentity())")
    }
    let unfinished = layout.catalog + ".rebuilding"
    for ending in ["", "-wal", "-shm", "-journal"] { try FileSystem.removeFile(unfinished + ending) }
    // A renaming that was interrupted ends as the folders are, and the catalog takes its names from them.
    try StoredNames.refresh(in: layout)
    try Renaming.conclude(in: layout)
    let facts = try facts(ofGroup: layout.volumes)
    let stored = facts["journal"]?.string.flatMap(JournalMode.init(rawValue:)) ?? .wal
    let mode = journal ?? (NetworkFileSystem.holds(path) ? .delete : stored)
    let created = facts["created_at"]?.string.map(Timestamp.init(rawValue:)) ?? .now
    let catalog = try Catalog.create(
      at: unfinished, journal: mode, uuid: facts["uuid"]?.string, createdAt: created)
    let database = VolumeDatabase(layout: layout, catalog: catalog, access: .writing, interruption: nil)
    var restoring = Restoring(database, threads: threads, isNew: true)
    try restoring.all(progress)
    if facts["uuid"] == nil || mode != stored { try database.writeRoot() }
    try catalog.close(merging: true)
    for ending in ["-wal", "-shm"] { try FileSystem.removeFile(unfinished + ending) }
    try FileSystem.synchronise(unfinished)
    try FileSystem.rename(unfinished, to: layout.catalog)
    try FileSystem.synchronise(layout.root)
    withExtendedLifetime(lock) {}
    return restoring.report
  }
}
