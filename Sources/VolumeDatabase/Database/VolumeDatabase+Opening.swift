// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Zarr

extension VolumeDatabase {
  /// Makes an empty database and opens it for writing.
  ///
  /// The catalog is made last, so that a folder that a crash left half-made is no database.
  ///
  /// - Parameters:
  ///   - path: A folder that does not exist or is empty.
  ///   - journal: How the catalog keeps transactions safe; `nil` chooses by the file system.
  /// - Throws: ``DatabaseError/alreadyExists(path:)``, or what the file system says.
  public static func create(
    at path: String, journal: JournalMode? = nil
  ) throws(DatabaseError) -> VolumeDatabase {
    try create(at: path, journal: journal, interruption: nil)
  }

  static func create(
    at path: String, journal: JournalMode?, interruption: Interruption?,
    isOnNetwork: (String) -> Bool = NetworkFileSystem.holds
  ) throws(DatabaseError) -> VolumeDatabase {
    let layout = DatabaseLayout(root: path)
    let found = FileSystem.kind(path, followingLinks: true)
    switch found {
    case nil: break
    case .folder where try FileSystem.names(in: path).isEmpty: break
    case .folder, .file, .other: throw .alreadyExists(path: path)
    }
    do throws(DatabaseError) {
      return try create(layout, journal: journal, interruption: interruption, isOnNetwork: isOnNetwork)
    } catch {
      // What went wrong is told; that clearing up failed too would hide it.
      for name in (try? FileSystem.names(in: path)) ?? [] { try? FileSystem.removeTree("\(path)/\(name)") }
      if found == nil { try? FileSystem.removeTree(path) }
      throw error
    }
  }

  private static func create(
    _ layout: DatabaseLayout, journal: JournalMode?, interruption: Interruption?,
    isOnNetwork: (String) -> Bool
  ) throws(DatabaseError) -> VolumeDatabase {
    for folder in [layout.volumes, layout.models, layout.runs, layout.staging] {
      try FileSystem.createFolders(folder)
    }
    let mode = journal ?? (isOnNetwork(layout.root) ? .delete : .wal)
    let (uuid, now) = (Catalog.newIdentity(), Timestamp.now)
    try writeRoot(of: layout, uuid: uuid, journal: mode, createdAt: now, classes: [])
    let catalog = try inCatalog { () throws(CatalogError) in
      try Catalog.create(at: layout.catalog, journal: mode, uuid: uuid, createdAt: now)
    }
    try FileSystem.synchronise(layout.root)
    return VolumeDatabase(layout: layout, catalog: catalog, access: .writing, interruption: interruption)
  }

  /// Opens a database.
  ///
  /// Opened for writing, commits that a crash interrupted after they were sealed are finished.
  ///
  /// - Throws: ``DatabaseError/notADatabase(path:)``, ``DatabaseError/newerDatabase(path:found:known:)``,
  ///   ``DatabaseError/unsafeJournal(path:)``, or what the catalog says.
  public convenience init(opening path: String, access: Access) throws(DatabaseError) {
    try self.init(opening: path, access: access, interruption: nil)
  }

  convenience init(
    opening path: String, access: Access, interruption: Interruption?,
    isOnNetwork: (String) -> Bool = NetworkFileSystem.holds
  ) throws(DatabaseError) {
    let layout = DatabaseLayout(root: path)
    guard FileSystem.kind(path, followingLinks: true) == .folder else { throw .notADatabase(path: path) }
    guard FileSystem.kind(layout.catalog) == .file else {
      // What is left of a database can be told from any other folder.
      let isLost = FileSystem.kind("\(layout.volumes)/zarr.json") == .file
      throw isLost ? .noCatalog(path: path) : .notADatabase(path: path)
    }
    try Self.checkFormat(of: layout)
    let catalog = try inCatalog { () throws(CatalogError) in
      do throws(CatalogError) {
        return try Catalog(opening: layout.catalog, readOnly: access == .reading)
      } catch .olderSchema(let path, let found, let known) {
        // Whoever may write brings it up to date by looking at it.
        guard let catalog = try? Catalog(opening: layout.catalog, readOnly: false) else {
          throw .olderSchema(path: path, found: found, known: known)
        }
        try catalog.close()
        return try Catalog(opening: layout.catalog, readOnly: true)
      }
    }
    if access == .reading && FileSystem.kind(layout.renaming) != nil {
      // Whoever may write ends an interrupted renaming by looking; others see it once somebody has.
      try? VolumeDatabase(opening: path, access: .writing, interruption: nil, isOnNetwork: isOnNetwork)
        .catalog.close()
    }
    if catalog.journal == .wal && isOnNetwork(path) { throw .unsafeJournal(path: layout.catalog) }
    self.init(layout: layout, catalog: catalog, access: access, interruption: interruption)
    if access == .writing {
      try finishRenaming()
      try rollForward()
      try rollModelsForward()
    }
  }
}
