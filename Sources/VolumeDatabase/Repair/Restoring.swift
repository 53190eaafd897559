// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Zarr

/// Enters into a catalog what the files say and it does not know.
///
/// What it knows already, by UUID, stays as it is. What goes before: classes, datasets, volumes and runs,
/// then models and versions, each after those it came from, then what names versions.
struct Restoring {
  let database: VolumeDatabase
  let threads: Int
  /// Whether the catalog was empty, so that what is entered is nothing special.
  let isNew: Bool
  var report = RepairReport()

  var catalog: Catalog { database.catalog }
  var layout: DatabaseLayout { database.layout }

  init(_ database: VolumeDatabase, threads: Int, isNew: Bool) {
    self.database = database
    self.threads = threads
    self.isNew = isNew
  }

  mutating func all(_ progress: @Sendable (Int, Int) throws -> Void) throws {
    try classes()
    try groups()
    let runs = try self.runs()
    try models()
    try versions(progress)
    try facts(ofVolumes: try catalog.volumes())
    try inputsAndScores(of: runs)
  }

  // MARK: Groups

  /// Classes that are not among those that every catalog knows.
  private mutating func classes() throws {
    for one in try VolumeDatabase.facts(ofGroup: layout.volumes)["classes"]?.array ?? [] {
      guard let name = one["name"]?.string, let uuid = one["uuid"]?.string else { continue }
      try enterClass(
        name, uuid: uuid, synonyms: (one["synonyms"]?.array ?? []).compactMap(\.string),
        colour: one["colour"]?.string, term: one["term"]?.string)
    }
  }

  /// Enters a class unless it is known by its UUID or its name.
  mutating func enterClass(
    _ name: String, uuid: String, synonyms: [String] = [], colour: String? = nil, term: String? = nil
  ) throws {
    if try catalog.key(of: .class, uuid: uuid) != nil { return }
    if (try? catalog.classNamed(name)) != nil { return }
    try catalog.addClass(name, synonyms: synonyms, colour: colour, term: term, uuid: uuid)
    report.did("class \(name)", "entered")
  }

  /// Datasets and volumes. The names of folders count: a renaming that was interrupted ends that way.
  private mutating func groups() throws {
    for name in try FileSystem.names(in: layout.volumes) where isFolder("\(layout.volumes)/\(name)") {
      guard CatalogName.isValid(name) else {
        report.cannot("volumes/\(name)", "no dataset can have this name; move it away")
        continue
      }
      try dataset(name)
      for volume in try FileSystem.names(in: layout.dataset(name))
      where isFolder("\(layout.dataset(name))/\(volume)") {
        guard CatalogName.isValid(volume) else {
          report.cannot("volumes/\(name)/\(volume)", "no volume can have this name; move it away")
          continue
        }
        try self.volume(try VolumeReference(dataset: name, volume: volume))
      }
    }
  }

  private mutating func dataset(_ name: String) throws {
    let facts = groupFacts(layout.dataset(name), "volumes/\(name)/zarr.json")
    if let known = try? catalog.dataset(named: name) {
      if VolumeDatabase.agrees(facts, with: VolumeDatabase.facts(of: known)) { return }
      // The row is there, its file is not, or is another's, or a crash kept it from what was changed.
      try database.writeGroup(of: known)
      report.did(name, "its zarr.json was written anew")
      return
    }
    if let uuid = facts["uuid"]?.string, try catalog.key(of: .dataset, uuid: uuid) != nil { return }
    let record = try catalog.addDataset(
      name,
      DatasetFacts(
        organism: facts["organism"]?.string, tissue: facts["tissue"]?.string,
        modality: facts["modality"]?.string, instrument: facts["instrument"]?.string,
        licence: facts["licence"]?.string, citation: facts["citation"]?.string, note: facts["note"]?.string),
      uuid: facts["uuid"]?.string, createdAt: time(facts["created_at"]) ?? .now)
    report.did("dataset \(name)", "entered")
    if facts["uuid"] == nil || facts["name"]?.string != name { try database.writeGroup(of: record) }
  }

  private mutating func volume(_ reference: VolumeReference) throws {
    let folder = layout.volume(reference)
    let facts = groupFacts(folder, "volumes/\(reference)/zarr.json")
    if let uuid = facts["uuid"]?.string, try catalog.key(of: .volume, uuid: uuid) != nil { return }
    if (try? catalog.volume(named: reference.volume, in: reference.dataset)) != nil { return }
    // Its kind is also in each of its versions.
    let kind = facts["kind"]?.string.flatMap(VolumeKind.init(rawValue:)) ?? firstVersion(in: folder)?.kind
    guard let kind else {
      report.cannot("volumes/\(reference)", "neither its zarr.json nor a version says what it is")
      return
    }
    let uuid = facts["uuid"]?.string ?? firstVersion(in: folder)?.json["volume"]?["uuid"]?.string
    let next = max(facts["next_number"]?.int ?? 1, (versionNumbers(in: folder).max() ?? 0) + 1)
    try catalog.addVolume(
      reference.volume, kind: kind, in: try catalog.dataset(named: reference.dataset).id,
      note: facts["note"]?.string, uuid: uuid, nextNumber: next, createdAt: time(facts["created_at"]) ?? .now)
    report.did("volume \(reference)", "entered")
  }

  // MARK: What is in groups and names versions

  /// Splits and tags of volumes that have none, and groups that say something else than the catalog.
  private mutating func facts(ofVolumes volumes: [VolumeRecord]) throws {
    for volume in volumes {
      let reference = try VolumeReference(dataset: volume.dataset, volume: volume.name)
      let folder = layout.volume(reference)
      let facts = groupFacts(folder, "volumes/\(reference)/zarr.json")
      if isNew || report.entries.contains(where: { $0.what == "volume \(reference)" }) {
        var boxes: [(SplitBox, String)] = []
        for one in facts["splits"]?.array ?? [] {
          guard let part = one["part"]?.string.flatMap(SplitPart.init(rawValue:)),
            let box = Box(json: one["box"])
          else { continue }
          boxes.append((SplitBox(part, box), one["uuid"]?.string ?? Catalog.newIdentity()))
        }
        try catalog.setSplits(boxes.map(\.0), ofVolume: volume.id, uuids: boxes.map(\.1))
        let versions = try catalog.versions(ofVolume: volume.id, states: [.committed, .retired])
        for (name, tag) in facts["tags"]?.object ?? [:] {
          let number = tag.int ?? tag["version"]?.int
          guard let version = versions.first(where: { $0.number == number }) else { continue }
          try catalog.setTag(
            name, toVersion: version.id, uuid: tag["uuid"]?.string, createdAt: time(tag["created_at"]) ?? .now
          )
        }
      }
      let isUsed = try !catalog.versions(ofVolume: volume.id, states: [.committed, .retired]).isEmpty
      let known = VolumeDatabase.changeableFacts(of: volume)
      if isUsed && !VolumeDatabase.agrees(groupFacts(folder, ""), with: known) {
        try database.writeGroup(of: volume)
        report.did("\(reference)", "its zarr.json was written anew")
      }
    }
  }

  // MARK: Looking at folders

  func isFolder(_ path: String) -> Bool { FileSystem.kind(path) == .folder }

  func time(_ json: JSONValue?) -> Timestamp? { json?.string.map(Timestamp.init(rawValue:)) }

  /// What a group says; nothing, with a word about it, if it cannot be read.
  mutating func groupFacts(_ folder: String, _ place: String) -> JSONObject {
    do throws(DatabaseError) {
      return try VolumeDatabase.facts(ofGroup: folder)
    } catch {
      if !place.isEmpty { report.did(place, "could not be read and is written anew (\(error))") }
      return [:]
    }
  }

  /// The numbers of the versions whose folders lie in a volume's.
  func versionNumbers(in folder: String) -> [Int] {
    let names = (try? FileSystem.names(in: folder)) ?? []
    return names.compactMap { name in
      Int(name).flatMap { $0 >= 1 && "\($0)" == name && isFolder("\(folder)/\(name)") ? $0 : nil }
    }.sorted()
  }

  private func firstVersion(in folder: String) -> VersionFacts? {
    versionNumbers(in: folder).lazy.compactMap { try? VersionFacts(folder: "\(folder)/\($0)") }.first
  }
}
