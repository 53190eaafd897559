// SPDX-License-Identifier: Apache-2.0

public import Catalog

/// What lies in a database and belongs to nobody.
public struct Garbage: Hashable, Sendable {
  /// Versions that were begun, whose writer is gone and whose run cannot go on.
  public let versions: [VersionRecord]
  /// Versions that were begun, whose writer is gone and whose run can go on: work, not garbage, unless
  /// somebody says otherwise.
  public let resumable: [VersionRecord]
  /// Staging folders, with what lies beside them, that the catalog does not know; paths.
  public let strays: [String]

  /// Whether there is nothing to remove.
  public var isEmpty: Bool { versions.isEmpty && strays.isEmpty }
}

extension VolumeDatabase {
  /// Looks for what was begun and never committed, and for staging folders of nothing.
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
    return Garbage(versions: versions, resumable: resumable, strays: try strays())
  }

  /// Removes garbage, and with it work that could have gone on if that is asked for.
  ///
  /// - Returns: How many bytes of files were freed.
  @discardableResult
  public func remove(
    _ garbage: Garbage, andResumable: Bool = false
  ) throws(DatabaseError) -> Int {
    try requireWriting()
    var freed = 0
    for version in garbage.versions + (andResumable ? garbage.resumable : []) {
      let staging = layout.path(version.stagingPath ?? DatabaseLayout.stagingPath(version.uuid))
      let bytes = try FileSystem.treeByteCount(staging)
      if try !removeAbandoned([version]).isEmpty { freed += bytes }
    }
    for path in garbage.strays {
      // Its lock may have been taken since by a writer that has just begun.
      guard let lock = try StagingLock(path: path + ".lock") else { continue }
      guard try !stagingPaths().contains(where: { layout.path($0) == path }) else { continue }
      freed += try FileSystem.treeByteCount(path)
      for ending in ["", ".journal", ".shards", ".lock"] { try FileSystem.removeTree(path + ending) }
      withExtendedLifetime(lock) {}
    }
    return freed
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
