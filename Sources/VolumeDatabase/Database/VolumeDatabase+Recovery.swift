// SPDX-License-Identifier: Apache-2.0

public import Catalog

extension VolumeDatabase {
  /// Finishes the commits that were interrupted after their versions were sealed.
  ///
  /// A version whose writer still lives holds its lock, and is left to it.
  func rollForward() throws(DatabaseError) {
    let unfinished = try inCatalog { () throws(CatalogError) in try catalog.unfinishedVersions() }
    let now = Timestamp.now
    var moved: [VersionRecord] = []
    var locks: [StagingLock] = []
    for found in unfinished where found.state == .sealed {
      guard let lock = try StagingLock(path: lockPath(of: found)) else { continue }
      // Its writer may have committed it between the look at the catalog and the lock.
      let version = try inCatalog { () throws(CatalogError) in try catalog.version(found.id) }
      guard version.state == .sealed else { continue }
      try moveIntoPlace(version, at: now)
      moved.append(version)
      locks.append(lock)
    }
    if moved.isEmpty { return }
    let ids = moved.map(\.id)
    try inCatalog { () throws(CatalogError) in try catalog.commitVersions(ids, at: now) }
    for version in moved { try removeTraces(of: version) }
    withExtendedLifetime(locks) {}
  }

  /// Versions that were begun and whose writer is gone, oldest first; they can be resumed by their run
  /// or removed.
  public func abandonedVersions() throws(DatabaseError) -> [VersionRecord] {
    let unfinished = try inCatalog { () throws(CatalogError) in try catalog.unfinishedVersions() }
    var abandoned: [VersionRecord] = []
    for version in unfinished where version.state == .staging {
      if access == .reading {
        abandoned.append(version)
      } else if try StagingLock(path: lockPath(of: version)) != nil {
        abandoned.append(version)
      }
    }
    return abandoned
  }

  /// Removes versions that were begun and never finished, with everything they wrote; those whose
  /// writer lives are left alone.
  ///
  /// - Parameter versions: Of ``abandonedVersions()``.
  /// - Returns: Those that were removed.
  @discardableResult
  public func removeAbandoned(_ versions: [VersionRecord]) throws(DatabaseError) -> [VersionRecord] {
    try requireWriting()
    var removed: [VersionRecord] = []
    for found in versions {
      guard let lock = try StagingLock(path: lockPath(of: found)) else { continue }
      let version = try inCatalog { () throws(CatalogError) in try catalog.version(found.id) }
      guard version.state == .staging else { continue }
      try discard(version)
      removed.append(version)
      withExtendedLifetime(lock) {}
    }
    return removed
  }

  /// Removes a staged version; the caller holds its lock.
  func discard(_ version: VersionRecord) throws(DatabaseError) {
    // The rows go first: without them the folder is garbage, with them it is work to be resumed.
    try inCatalog { () throws(CatalogError) in
      try catalog.abandonVersions([version.id])
      try catalog.removeVolumeIfUnused(version.volumeID)
    }
    let staging = version.stagingPath ?? DatabaseLayout.stagingPath(version.uuid)
    try FileSystem.removeTree(layout.path(staging))
    try removeTraces(of: version)
    let volume = try VolumeReference(dataset: version.dataset, volume: version.volume)
    try removeUnusedFolder(of: volume)
  }

  func lockPath(of version: VersionRecord) -> String {
    layout.path(version.stagingPath ?? DatabaseLayout.stagingPath(version.uuid)) + ".lock"
  }
}
