// SPDX-License-Identifier: Apache-2.0

public import Catalog

extension VolumeDatabase {
  /// Takes a committed version out of sight, or back into it. Its files stay until garbage is removed.
  ///
  /// - Parameter reference: With its number: what is latest changes by this.
  /// - Returns: The version as it is now.
  /// - Throws: ``DatabaseError/catalog(_:)`` if it is not committed, or not retired, or freed already.
  @discardableResult
  public func setRetired(
    _ retired: Bool, _ reference: VersionReference
  ) throws(DatabaseError) -> VersionRecord {
    try requireWriting()
    let version = try record(reference)
    // One that is so already is written to its group again, which a crash may have kept from it.
    if version.state != (retired ? .retired : .committed) || version.freedAt != nil {
      try inCatalog { () throws(CatalogError) in try catalog.setRetired(retired, version: version.id) }
    }
    try writeGroup(of: try volume(reference.volume))
    return try inCatalog { () throws(CatalogError) in try catalog.version(version.id) }
  }

  /// Retired versions whose files are there, or were on their way out when a crash came.
  func retiredVersions() throws(DatabaseError) -> [VersionRecord] {
    try inCatalog { () throws(CatalogError) in try catalog.versions(ofVolume: nil, states: [.retired]) }
      .filter { version in
        let folder = layout.path(version.path)
        return version.freedAt == nil || FileSystem.kind(folder) != nil
          || FileSystem.kind(DatabaseLayout.manifest(of: folder)) != nil
      }
  }

  /// Moves the files of a retired version to the trash, under a lock that readers share, and deletes them.
  ///
  /// The row says first that they go. A crash then leaves files that the next removal of garbage takes.
  ///
  /// - Returns: Whether they are gone; not if somebody reads them.
  func free(_ version: VersionRecord) throws(DatabaseError) -> Bool {
    let folder = layout.path(version.path)
    let listed = DatabaseLayout.manifest(of: folder)
    var lock: FileLock?
    if FileSystem.kind(listed) != nil {
      lock = try FileLock(listed, .exclusive)
      if lock == nil { return false }
    }
    if version.freedAt == nil {
      try inCatalog { () throws(CatalogError) in try catalog.freeVersion(version.id) }
    }
    let volume = try VolumeReference(dataset: version.dataset, volume: version.volume)
    try writeGroup(of: try self.volume(volume))
    let bin = "\(layout.trash)/\(version.uuid)"
    try FileSystem.createFolders(bin)
    if FileSystem.kind(folder) != nil { try FileSystem.rename(folder, to: "\(bin)/\(version.number)") }
    if FileSystem.kind(listed) != nil { try FileSystem.rename(listed, to: "\(bin)/\(version.number).shards") }
    try FileSystem.synchronise(layout.volume(volume))
    try FileSystem.synchronise(bin)
    withExtendedLifetime(lock) {}
    try FileSystem.removeTree(bin)
    return true
  }

  /// The bytes on the disk that go if everything under some folders goes: files that have names elsewhere
  /// stay.
  static func freedByteCount(_ folders: [String]) throws(DatabaseError) -> Int {
    var names: [FileSystem.Facts.Identity: (seen: Int, facts: FileSystem.Facts)] = [:]
    for folder in folders where FileSystem.kind(folder) != nil {
      var files: [String] = []
      var inner: [String] = []
      try FileSystem.walk(folder, &files, &inner)
      for file in files {
        guard let facts = FileSystem.facts(file) else { continue }
        names[facts.identity, default: (0, facts)].seen += 1
      }
    }
    return names.values.reduce(0) { $0 + ($1.seen >= $1.facts.linkCount ? $1.facts.byteCount : 0) }
  }
}
