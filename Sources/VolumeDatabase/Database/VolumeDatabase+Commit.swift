// SPDX-License-Identifier: Apache-2.0

import Catalog

extension VolumeDatabase {
  /// Makes finished versions visible: all of them or none.
  ///
  /// The steps are those of a commit that a crash may interrupt anywhere: one transaction seals all
  /// versions; each is renamed into its place and both folders made durable; one transaction marks all
  /// as committed. Before the seal a crash leaves nothing visible; after it, the next opening for
  /// writing finishes the commit.
  ///
  /// - Parameters:
  ///   - writers: Writers whose ``VersionWriter/finish(coverage:)`` was called.
  ///   - modelVersions: Versions of models that are to be committed with them, complete and durable.
  /// - Throws: ``DatabaseError``; before the seal the versions stay staged and can be abandoned.
  public func commit(
    _ writers: [VersionWriter], modelVersions: [Int64] = []
  ) throws(DatabaseError) {
    try requireWriting()
    for writer in writers { try writer.requireFinished() }
    let ids = writers.map(\.record.id)
    try inCatalog { () throws(CatalogError) in try catalog.sealVersions(ids, modelVersions: modelVersions) }
    for writer in writers { writer.markSealed() }
    try interruption?(.sealed)
    let now = Timestamp.now
    for writer in writers { try moveIntoPlace(writer.record, at: now) }
    try inCatalog { () throws(CatalogError) in
      try catalog.commitVersions(ids, modelVersions: modelVersions, at: now)
    }
    try interruption?(.committed)
    for writer in writers {
      writer.release()
      try removeTraces(of: writer.record)
    }
  }

  /// Renames a sealed version and its manifest to where they belong; what is there already stays.
  ///
  /// - Parameter moment: When the version will have been committed.
  func moveIntoPlace(_ version: VersionRecord, at moment: Timestamp) throws(DatabaseError) {
    guard let staging = version.stagingPath else { return }
    let source = layout.path(staging)
    let target = layout.path(version.path)
    let volume = try VolumeReference(dataset: version.dataset, volume: version.volume)
    try writeGroups(of: volume, committing: version, at: moment)
    let listed = DatabaseLayout.manifest(of: source)
    if FileSystem.kind(listed) != nil {
      try FileSystem.rename(listed, to: DatabaseLayout.manifest(of: target))
    }
    try interruption?(.listed(version.reference))
    if FileSystem.kind(source) != nil { try FileSystem.rename(source, to: target) }
    try FileSystem.synchronise(layout.volume(volume))
    try FileSystem.synchronise(layout.staging)
    try interruption?(.moved(version.reference))
  }

  /// Removes what lay beside a staging folder.
  func removeTraces(of version: VersionRecord) throws(DatabaseError) {
    let staging = version.stagingPath ?? DatabaseLayout.stagingPath(version.uuid)
    for ending in [".journal", ".shards", ".lock"] {
      try FileSystem.removeTree(layout.path(staging) + ending)
    }
  }
}
