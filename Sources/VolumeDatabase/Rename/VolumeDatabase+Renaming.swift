// SPDX-License-Identifier: Apache-2.0

import Catalog

extension VolumeDatabase {
  /// Gives a dataset, a volume or a model another name.
  ///
  /// Its folder moves in one step. Committed versions keep every array; of the groups above them what tells
  /// names to people and to other programs is replaced, each file in one step: the name of the multiscale
  /// image, the relative path from labels to their image, and the references in what vemdb says. UUIDs,
  /// which lineage goes by, stay.
  ///
  /// A kill at any point leaves the old name, or the new one once the database has been opened for writing.
  ///
  /// - Parameters:
  ///   - reference: A dataset, a volume without a number, or a model without a number.
  ///   - name: The new name: for a volume `volume` or `dataset/volume`, for a model with or without `model:`.
  ///   - leavesRuns: Whether that may strand runs that were interrupted: their settings name the old one, and
  ///     they can be resumed only under that.
  /// - Throws: ``DatabaseError/badRenaming(from:to:reason:)``, ``DatabaseError/beingRead(_:)``,
  ///   ``DatabaseError/busy(_:)``, or the catalog's error if the name is taken or a version is being written.
  public func rename(
    _ reference: AnyReference, to name: String, leavesRuns: Bool = false
  ) throws(DatabaseError) -> RenamingReport {
    try requireWriting()
    try FileSystem.createFolders(layout.trash)
    guard let alone = try FileLock(layout.trash + "/.lock", .exclusive, creates: true) else {
      throw .busy("removing garbage, renaming or making a backup")
    }
    defer { withExtendedLifetime(alone) {} }
    try finishRenaming(holding: alone)
    let subject = try subject(of: reference, name)
    let stranded = try runs(using: subject)
    if let run = stranded.first, !leavesRuns {
      throw .badRenaming(
        from: subject.old, to: name,
        reason: "run \(run) was interrupted and goes on under the old name only; end it with "
          + "'vemdb run resume \(run)', or give it up by --leave-runs")
    }
    let readers = try lockVersions(of: subject)
    let renaming = subject.renaming
    try clearTarget(of: renaming, subject)
    try renaming.announce(in: layout)
    try interruption?(.renaming)
    var failure: DatabaseError?
    do throws(CatalogError) {
      try catalog.rename(renaming.noun, subject.id, to: renaming.new) {
        do throws(DatabaseError) {
          try renaming.move(in: layout)
        } catch {
          failure = error
          throw error
        }
      }
    } catch {
      // What went wrong is told; if clearing up fails too, the next opening for writing does it.
      if (try? renaming.isMoved(in: layout)) == true { try? renaming.move(in: layout, back: true) }
      if (try? renaming.isMoved(in: layout)) == false { try? Renaming.conclude(in: layout) }
      throw failure ?? .catalog(error)
    }
    withExtendedLifetime(readers) {}
    try interruption?(.named)
    try StoredNames.refresh(in: layout)
    try Renaming.conclude(in: layout)
    return RenamingReport(old: subject.old, new: subject.new, strandedRuns: stranded)
  }

  /// Ends a renaming that a crash interrupted: with the new name if the folder has it, else with the old one.
  ///
  /// Waits for a process that is just renaming.
  func finishRenaming() throws(DatabaseError) {
    guard FileSystem.kind(layout.renaming) != nil else { return }
    try FileSystem.createFolders(layout.trash)
    let alone = try FileLock(layout.trash + "/.lock", .exclusive, waits: true, creates: true)
    if let alone { try finishRenaming(holding: alone) }
  }

  private func finishRenaming(holding lock: FileLock) throws(DatabaseError) {
    guard let renaming = try Renaming(in: layout) else { return }
    let id = try inCatalog { () throws(CatalogError) in
      try catalog.key(of: renaming.noun, uuid: renaming.uuid)
    }
    if try renaming.isMoved(in: layout) {
      if let id {
        try inCatalog { () throws(CatalogError) in try catalog.rename(renaming.noun, id, to: renaming.new) }
      }
      try StoredNames.refresh(in: layout)
    }
    try Renaming.conclude(in: layout)
    withExtendedLifetime(lock) {}
  }

  // MARK: What must hold before

  /// What is to be renamed.
  private struct Subject {
    let renaming: Renaming
    let id: Int64
    /// The references before and after.
    let old: String
    let new: String
    let versions: [VersionRecord]
    let modelVersions: [ModelVersionRecord]
  }

  private func subject(of reference: AnyReference, _ name: String) throws(DatabaseError) -> Subject {
    func refused(_ reason: String) -> DatabaseError {
      .badRenaming(from: "\(reference)", to: name, reason: reason)
    }
    let all: Set<VersionState> = [.committed, .retired]
    switch reference {
    case .dataset(let old):
      let new = try ObjectName(name, noun: "dataset").text
      let record = try inCatalog { () throws(CatalogError) in try catalog.dataset(named: old) }
      let versions = try inCatalog { () throws(CatalogError) in
        try catalog.versions(ofDataset: record.id, states: all)
      }
      if new == record.name { throw refused("it has this name") }
      let renaming = Renaming(
        noun: .dataset, uuid: record.uuid, parent: "volumes", old: record.name, new: new)
      return Subject(
        renaming: renaming, id: record.id, old: record.name, new: new, versions: versions, modelVersions: [])
    case .version(let version):
      if version.number != nil { throw refused("versions have numbers, which stay: name the volume") }
      let record = try volume(version.volume)
      let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      if parts.count > 1 && parts[0].lowercased() != record.dataset.lowercased() {
        throw refused("a volume stays in its dataset")
      }
      let new = try ObjectName(parts.dropFirst().joined(separator: "/").nonEmpty ?? name, noun: "volume").text
      let versions = try inCatalog { () throws(CatalogError) in
        try catalog.versions(ofVolume: record.id, states: all)
      }
      if new == record.name { throw refused("it has this name") }
      let renaming = Renaming(
        noun: .volume, uuid: record.uuid, parent: "volumes/\(record.dataset)", old: record.name, new: new)
      return Subject(
        renaming: renaming, id: record.id, old: record.reference, new: "\(record.dataset)/\(new)",
        versions: versions, modelVersions: [])
    case .model(let model):
      if model.number != nil { throw refused("versions have numbers, which stay: name the model") }
      let new = try ModelReference(name: name.hasPrefix("model:") ? String(name.dropFirst(6)) : name).name
      let (record, versions) = try inCatalog { () throws(CatalogError) in
        let record = try catalog.model(named: model.name)
        return (record, try catalog.modelVersions(ofModel: record.id, states: all))
      }
      if new == record.name { throw refused("it has this name") }
      let renaming = Renaming(noun: .model, uuid: record.uuid, parent: "models", old: record.name, new: new)
      return Subject(
        renaming: renaming, id: record.id, old: "model:\(record.name)", new: "model:\(new)", versions: [],
        modelVersions: versions)
    case .run: throw refused("runs have numbers, which stay")
    }
  }

  /// Runs that were interrupted, could be resumed and read what is to be renamed.
  ///
  /// - Throws: ``DatabaseError/busy(_:)`` if one that is alive does.
  private func runs(using subject: Subject) throws(DatabaseError) -> [Int64] {
    let versions = Set(subject.versions.map(\.id))
    let models = Set(subject.modelVersions.map(\.id))
    let open = try inCatalog { () throws(CatalogError) in
      try catalog.runs().filter { $0.state == .running || $0.state == .stopped }
    }
    var stranded: [Int64] = []
    for run in open {
      let inputs = try inCatalog { () throws(CatalogError) in try catalog.inputs(ofRun: run.id) }
      let isUser = inputs.contains { input in
        switch input.source {
        case .version(let id): versions.contains(id)
        case .modelVersion(let id): models.contains(id)
        }
      }
      // A training names the model that it makes in its settings alone.
      let isTraining =
        subject.renaming.noun == .model && ["train", "finetune", "experiment"].contains(run.kind.rawValue)
      guard isUser || isTraining else { continue }
      if try isWorkedOn(run: run.id) { throw .busy("using \(subject.old), or may be, in run \(run.id)") }
      if isUser && Self.resumable.contains(run.kind.rawValue) { stranded.append(run.id) }
    }
    return stranded
  }

  /// The kinds of run whose settings name what they read and that can be resumed.
  private static let resumable: Set = ["train", "finetune", "experiment", "predict", "instances", "ingest"]

  /// Takes the versions from everybody who reads them.
  private func lockVersions(of subject: Subject) throws(DatabaseError) -> [FileLock] {
    var locks: [FileLock] = []
    for version in subject.versions {
      let listed = DatabaseLayout.manifest(of: layout.path(version.path))
      guard FileSystem.kind(listed) != nil else { continue }
      guard let lock = try FileLock(listed, .exclusive) else { throw .beingRead(version.reference) }
      locks.append(lock)
    }
    return locks
  }

  /// Removes what a crash left where the folder is to go: a group of nothing.
  private func clearTarget(of renaming: Renaming, _ subject: Subject) throws(DatabaseError) {
    let names = try FileSystem.names(in: layout.path(renaming.parent))
    let target = "\(layout.path(renaming.parent))/\(renaming.new)"
    guard names.contains(renaming.new) else { return }
    let found = FileSystem.kind(target) == .folder ? try FileSystem.names(in: target) : [target]
    let isEmpty = found.allSatisfy { ["zarr.json", "series.json"].contains($0) }
    let isTaken = try inCatalog { () throws(CatalogError) in
      switch renaming.noun {
      case .dataset: try catalog.datasets().contains { $0.name == renaming.new }
      case .model: try catalog.models().contains { $0.name == renaming.new }
      default: try catalog.volumes().contains { $0.reference == subject.new }
      }
    }
    if isTaken { throw .catalog(.nameTaken(renaming.new, of: renaming.noun.rawValue)) }
    guard isEmpty else {
      throw .badRenaming(
        from: subject.old, to: subject.new, reason: "'\(target)' is there already; move it away")
    }
    try FileSystem.removeTree(target)
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
