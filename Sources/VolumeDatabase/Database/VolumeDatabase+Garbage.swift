// SPDX-License-Identifier: Apache-2.0

public import Catalog

/// What lies in a database and belongs to nobody.
public struct Garbage: Sendable {
  /// Versions that were begun, whose writer is gone and whose run cannot go on.
  public let versions: [VersionRecord]
  /// Versions that were begun, whose writer is gone and whose run can go on: work, not garbage, unless
  /// somebody says otherwise.
  public let resumable: [VersionRecord]
  /// Staging folders, with what lies beside them, that the catalog does not know, and what an interrupted
  /// removal left in the trash; paths.
  public let strays: [String]
  /// Files that a kill left beside those that they were to replace, and what runs kept that nobody goes on
  /// with; paths.
  public let leftovers: [String]
  /// What runs kept that can be resumed: not garbage, unless somebody says otherwise; paths and runs.
  public let resumableLeftovers: [(path: String, run: Int64)]
  /// Versions that were retired and whose files are there.
  public let retired: [VersionRecord]
  /// The bytes of all files of the retired versions.
  public let retiredBytes: Int
  /// The bytes on the disk that their removal frees: shards that other versions share stay.
  public let freedBytes: Int

  /// Whether there is nothing to remove.
  public var isEmpty: Bool { versions.isEmpty && strays.isEmpty && leftovers.isEmpty && retired.isEmpty }
}

extension VolumeDatabase {
  /// Looks for what was begun and never committed, for staging folders of nothing, and for retired versions.
  ///
  /// What a living process writes is left out: it holds its lock.
  public func garbage() throws(DatabaseError) -> Garbage {
    try requireWriting()
    var versions: [VersionRecord] = []
    var resumable: [VersionRecord] = []
    for version in try abandonedVersions() {
      let run = try version.runID.map { (id) throws(DatabaseError) in
        try inCatalog { () throws(CatalogError) in try catalog.run(id) }
      }
      if let run, run.state != .done { resumable.append(version) } else { versions.append(version) }
    }
    let retired = try retiredVersions()
    let folders = retired.map { layout.path($0.path) }
    var bytes = 0
    for folder in folders { bytes += try FileSystem.treeByteCount(folder) }
    let leftovers = try leftovers()
    return Garbage(
      versions: versions, resumable: resumable, strays: try strays() + (try leftInTrash()),
      leftovers: leftovers.free, resumableLeftovers: leftovers.resumable, retired: retired,
      retiredBytes: bytes, freedBytes: try Self.freedByteCount(folders))
  }

  /// Removes garbage, and with it work that could have gone on if that is asked for.
  ///
  /// Retired versions that somebody reads stay until the next time.
  ///
  /// - Returns: The references of retired versions that are gone.
  /// - Throws: ``DatabaseError/busy(_:)`` if another process removes garbage.
  @discardableResult
  public func remove(
    _ garbage: Garbage, andResumable: Bool = false
  ) throws(DatabaseError) -> Set<String> {
    try requireWriting()
    try FileSystem.createFolders(layout.trash)
    guard let alone = try FileLock(layout.trash + "/.lock", .exclusive, creates: true) else {
      throw .busy("removing garbage, renaming or making a backup")
    }
    defer { withExtendedLifetime(alone) {} }
    for version in garbage.versions + (andResumable ? garbage.resumable : []) {
      _ = try removeAbandoned([version])
    }
    for path in garbage.strays {
      if path.hasPrefix(layout.trash + "/") {
        try FileSystem.removeTree(path)
        continue
      }
      // Its lock may have been taken since by a writer that has just begun.
      guard let lock = try StagingLock(path: path + ".lock") else { continue }
      guard try !stagingPaths().contains(where: { layout.path($0) == path }) else { continue }
      for ending in ["", ".journal", ".shards", ".lock"] { try FileSystem.removeTree(path + ending) }
      withExtendedLifetime(lock) {}
    }
    try removeLeftovers(garbage.leftovers + (andResumable ? garbage.resumableLeftovers.map(\.path) : []))
    var gone: [VersionRecord] = []
    // Children first: whatever came from another is gone before it, so that its row can go too.
    for version in garbage.retired.sorted(by: { $0.id > $1.id }) where try free(version) {
      gone.append(version)
    }
    // One that was freed before may have waited for the last that came from it.
    let freed = try inCatalog { () throws(CatalogError) in
      try catalog.versions(ofVolume: nil, states: [.retired]).filter { $0.freedAt != nil }
    }
    let forgotten = try inCatalog { () throws(CatalogError) in
      try catalog.forgetFreedVersions(freed.map(\.id))
    }
    for volume in Set(freed.filter { forgotten.contains($0.id) }.map(\.volumeID)) {
      let known = try inCatalog { () throws(CatalogError) in
        try catalog.volumes().first { $0.id == volume }
      }
      if let known { try writeGroup(of: known) }
    }
    return Set(gone.map(\.reference))
  }

  /// What a removal that was interrupted left.
  private func leftInTrash() throws(DatabaseError) -> [String] {
    guard FileSystem.kind(layout.trash) == .folder else { return [] }
    return try FileSystem.names(in: layout.trash).filter { $0 != ".lock" }.map { "\(layout.trash)/\($0)" }
  }

  /// Staging folders that the catalog knows no unfinished version of.
  ///
  /// A writer makes its lock before it tells the catalog, so that what is locked is not looked at.
  private func strays() throws(DatabaseError) -> [String] {
    let names = try FileSystem.names(in: layout.staging)
    let known = try stagingPaths()
    let stems = Set(names.map { String($0.prefix { $0 != "." }) }).subtracting([""])
    var strays: [String] = []
    for stem in stems.sorted() where !known.contains(DatabaseLayout.stagingPath(stem)) {
      let path = "\(layout.staging)/\(stem)"
      if FileSystem.kind(path + ".lock") == nil {
        strays.append(path)
      } else if let lock = try? StagingLock(path: path + ".lock") {
        strays.append(path)
        withExtendedLifetime(lock) {}
      }
    }
    return strays
  }

  /// Where the catalog says that versions of volumes and models are being written.
  private func stagingPaths() throws(DatabaseError) -> Set<String> {
    try inCatalog { () throws(CatalogError) in
      let versions = try catalog.unfinishedVersions().compactMap(\.stagingPath)
      let models = try catalog.modelVersions(states: [.staging, .sealed]).compactMap(\.stagingPath)
      return Set(versions + models)
    }
  }
}
