// SPDX-License-Identifier: Apache-2.0

import Catalog

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a backup holds.
public struct BackupReport: Hashable, Sendable {
  /// How many versions of volumes.
  public internal(set) var versions = 0
  /// How many versions of models.
  public internal(set) var models = 0
  /// How many files are hard links, and so take no room and are no safety against a broken disk.
  public internal(set) var linkedFiles = 0
  /// How many files are reflinks.
  public internal(set) var clonedFiles = 0
  /// How many files were copied.
  public internal(set) var copiedFiles = 0
  /// The bytes of those that were copied.
  public internal(set) var copiedBytes = 0
}

extension VolumeDatabase {
  /// Makes a second database of everything that is committed at one moment, while others go on to read and
  /// write this one.
  ///
  /// The catalog is copied first, by SQLite's online backup; committed files never change, so those that the
  /// copy names can follow. Removal of garbage waits. What is still being written is left out.
  ///
  /// - Parameters:
  ///   - destination: A folder that does not exist or is empty.
  ///   - linking: Whether shards may be hard links where the file system can; else they are reflinks or copies.
  ///   - progress: Called with the versions that are done, and how many there are.
  public func backUp(
    to destination: String, linking: Bool = true,
    progress: (Int, Int) throws -> Void = { _, _ in }
  ) throws -> BackupReport {
    let copy = DatabaseLayout(root: destination)
    switch FileSystem.kind(destination, followingLinks: true) {
    case nil: break
    case .folder where try FileSystem.names(in: destination).isEmpty: break
    default: throw DatabaseError.alreadyExists(path: destination)
    }
    var lock: FileLock?
    if access == .writing {
      try FileSystem.createFolders(layout.trash)
      lock = try FileLock(layout.trash + "/.lock", .shared, creates: true)
      if lock == nil { throw DatabaseError.busy("removing garbage, renaming or rebuilding the catalog") }
    }
    defer { withExtendedLifetime(lock) {} }
    for folder in [copy.volumes, copy.models, copy.runs, copy.staging] {
      try FileSystem.createFolders(folder)
    }
    let unfinished = copy.catalog + ".unfinished"
    let journal = NetworkFileSystem.holds(destination) ? .delete : catalog.journal
    try catalog.backUp(to: unfinished, journal: journal)
    let copied = try Catalog(opening: unfinished, readOnly: false)
    // What was being written has no files in the copy.
    try copied.abandonVersions(try copied.unfinishedVersions().map(\.id))
    try copied.abandonModelVersions(
      try copied.modelVersions(states: [.staging, .sealed]).map(\.id))
    let versions = try copied.versions(ofVolume: nil, states: [.committed, .retired])
      .filter { $0.freedAt == nil }
    let models = try copied.modelVersions(states: [.committed, .retired])
    var report = BackupReport(versions: versions.count, models: models.count)
    let total = versions.count + models.count
    for (number, version) in versions.enumerated() {
      let manifest = DatabaseLayout.manifest(of: version.path)
      try report.copyTree(version.path, from: self.layout, to: copy, linking: linking)
      try report.copyTree(manifest, from: self.layout, to: copy, linking: linking)
      try progress(number + 1, total)
    }
    for (number, model) in models.enumerated() {
      try report.copyTree(model.path, from: self.layout, to: copy, linking: linking)
      try progress(versions.count + number + 1, total)
    }
    for run in try copied.runs() {
      try report.copyTree("runs/\(run.id)", from: self.layout, to: copy, linking: false, ofRun: true)
    }
    try copied.close(merging: true)
    for ending in ["-wal", "-shm"] { try FileSystem.removeFile(unfinished + ending) }
    // Groups say what the copied catalog knows.
    try FileSystem.rename(unfinished, to: copy.catalog)
    let database = VolumeDatabase(
      layout: copy, catalog: try Catalog(opening: copy.catalog, readOnly: false), access: .writing,
      interruption: nil)
    try database.writeRoot()
    for dataset in try database.catalog.datasets() { try database.writeGroup(of: dataset) }
    for volume in try database.catalog.volumes() { try database.writeGroup(of: volume) }
    for model in Set(models.map(\.model)) { try database.writeSeries(ofModel: model) }
    try database.catalog.close(merging: true)
    try FileSystem.synchroniseTree(copy.root)
    return report
  }
}

extension BackupReport {
  init(versions: Int, models: Int) {
    self.versions = versions
    self.models = models
  }

  /// Gives a file, or all files of a folder, a second place under another root.
  ///
  /// - Parameter ofRun: Whether files come and go, as those of a run that is alive do.
  mutating func copyTree(
    _ path: String, from: DatabaseLayout, to: DatabaseLayout, linking: Bool, ofRun: Bool = false
  ) throws(DatabaseError) {
    let source = from.path(path)
    guard FileSystem.kind(source) != nil else { return }
    var files: [String] = []
    var folders: [String] = []
    try FileSystem.walk(source, &files, &folders)
    for file in files {
      let name = file.split(separator: "/").last.map(String.init) ?? ""
      if ofRun && (name == "lock" || name.hasSuffix(FileSystem.unfinishedEnding)) { continue }
      let target = to.root + file.dropFirst(from.root.count)
      if let slash = target.lastIndex(of: "/") { try FileSystem.createFolders(String(target[..<slash])) }
      let mode = FileSystem.mode(file) ?? FileSystem.fileMode
      let sharing: FileSystem.Sharing
      do throws(DatabaseError) {
        sharing = try FileSystem.share(file, to: target, linking: linking, mode: mode)
      } catch .system(_, _, ENOENT) where ofRun {
        continue
      }
      switch sharing {
      case .linked: linkedFiles += 1
      case .cloned: clonedFiles += 1
      case .copied:
        copiedFiles += 1
        copiedBytes += FileSystem.byteCount(target) ?? 0
      }
    }
  }
}
