// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Zarr

extension VolumeDatabase {
  /// Adds a dataset.
  ///
  /// - Throws: ``DatabaseError/catalog(_:)`` if the name breaks the rules or is taken.
  @discardableResult
  public func addDataset(
    _ name: String, _ facts: DatasetFacts = DatasetFacts()
  ) throws(DatabaseError) -> DatasetRecord {
    try requireWriting()
    let name = try ObjectName(name, noun: "dataset").text
    return try lockingGroups { () throws(DatabaseError) in
      let taken = try inCatalog { () throws(CatalogError) in try catalog.datasets() }
        .contains { $0.name.lowercased() == name.lowercased() }
      if taken { throw .catalog(.nameTaken(name, of: "dataset")) }
      // The file goes first: a row without it would be half a dataset, a file without a row is a leftover
      // that the next attempt takes over.
      let (uuid, now) = (Catalog.newIdentity(), Timestamp.now)
      do throws(DatabaseError) {
        try writeGroup(name, facts, uuid: uuid, createdAt: now)
        return try inCatalog { () throws(CatalogError) in
          try catalog.addDataset(name, facts, uuid: uuid, createdAt: now)
        }
      } catch {
        let folder = layout.dataset(name)
        // What went wrong is told; that clearing up failed too would hide it.
        if (try? FileSystem.names(in: folder).allSatisfy { $0 == "zarr.json" }) == true {
          try? FileSystem.removeTree(folder)
        }
        throw error
      }
    }
  }

  /// Changes what is known about a dataset, in the catalog and in its group.
  ///
  /// - Parameter change: Gets what is known, and gives what is to be.
  @discardableResult
  public func editDataset(
    _ name: String, _ change: (DatasetFacts) -> DatasetFacts
  ) throws(DatabaseError) -> DatasetRecord {
    try requireWriting()
    return try lockingGroups { () throws(DatabaseError) in
      let record = try inCatalog { () throws(CatalogError) in
        let known = try catalog.dataset(named: name)
        try catalog.setFacts(change(known.facts), ofDataset: known.id)
        return try catalog.dataset(named: name)
      }
      try writeGroup(of: record)
      return record
    }
  }

  /// Replaces the note of a volume, in the catalog and in its group.
  public func setNote(_ note: String?, ofVolume reference: VolumeReference) throws(DatabaseError) {
    try requireWriting()
    let known = try volume(reference)
    try inCatalog { () throws(CatalogError) in try catalog.setNote(note, ofVolume: known.id) }
    try writeGroup(of: known)
  }

  /// The volume of a reference.
  ///
  /// - Throws: ``DatabaseError/catalog(_:)`` if there is none.
  public func volume(_ reference: VolumeReference) throws(DatabaseError) -> VolumeRecord {
    try inCatalog { () throws(CatalogError) in
      try catalog.volume(named: reference.volume, in: reference.dataset)
    }
  }

  /// Writes the groups above a volume's versions: the dataset's and the volume's.
  ///
  /// - Parameters:
  ///   - version: One that is about to be committed.
  ///   - moment: When it will have been.
  func writeGroups(
    of volume: VolumeReference, committing version: VersionRecord? = nil, at moment: Timestamp = .now
  ) throws(DatabaseError) {
    let dataset = try inCatalog { () throws(CatalogError) in try catalog.dataset(named: volume.dataset) }
    if FileSystem.kind("\(layout.dataset(dataset.name))/zarr.json") == nil { try writeGroup(of: dataset) }
    try writeGroup(of: try self.volume(volume), committing: version, at: moment)
  }

  /// Writes what may change about a dataset to its group.
  func writeGroup(of dataset: DatasetRecord) throws(DatabaseError) {
    try writeGroup(dataset.name, dataset.facts, uuid: dataset.uuid, createdAt: dataset.createdAt)
  }

  private func writeGroup(
    _ name: String, _ known: DatasetFacts, uuid: String, createdAt: Timestamp
  ) throws(DatabaseError) {
    let facts = Self.facts(name, known, uuid: uuid, createdAt: createdAt)
    let folder = layout.dataset(name)
    try FileSystem.createFolders(folder)
    try Self.writeGroup(facts, at: folder)
    try FileSystem.synchronise(layout.volumes)
  }

  /// What a group has to say of a dataset.
  static func facts(of dataset: DatasetRecord) -> JSONObject {
    facts(dataset.name, dataset.facts, uuid: dataset.uuid, createdAt: dataset.createdAt)
  }

  private static func facts(
    _ name: String, _ known: DatasetFacts, uuid: String, createdAt: Timestamp
  ) -> JSONObject {
    var facts: JSONObject = ["kind": "dataset", "uuid": .string(uuid), "name": .string(name)]
    let entries: [(String, String?)] = [
      ("organism", known.organism), ("tissue", known.tissue), ("modality", known.modality),
      ("instrument", known.instrument), ("licence", known.licence), ("citation", known.citation),
      ("note", known.note),
    ]
    for (name, value) in entries { facts[name] = value.map(JSONValue.string) }
    facts["created_at"] = .string(createdAt.rawValue)
    return facts
  }

  /// Writes what may change about a volume to its group: splits, tags, which versions are committed,
  /// retired and freed, and the note.
  func writeGroup(
    of volume: VolumeRecord, committing version: VersionRecord? = nil, at moment: Timestamp = .now
  ) throws(DatabaseError) {
    try lockingGroups { () throws(DatabaseError) in
      // What another process has changed since the caller looked is not to be undone.
      let volume = try inCatalog { () throws(CatalogError) in try catalog.volume(volume.id) }
      let reference = try VolumeReference(dataset: volume.dataset, volume: volume.name)
      let folder = layout.volume(reference)
      try FileSystem.createFolders(folder)
      // A group that cannot be read is written anew.
      let old = (try? Self.facts(ofGroup: folder)) ?? [:]
      try Self.writeGroup(
        try facts(of: volume, committing: version, at: moment, old: old), at: folder)
      try FileSystem.synchronise(layout.dataset(reference.dataset))
    }
  }

  private func facts(
    of volume: VolumeRecord, committing version: VersionRecord?, at moment: Timestamp, old: JSONObject
  ) throws(DatabaseError) -> JSONObject {
    let (splits, uuids, tags, versions, next) = try inCatalog { () throws(CatalogError) in
      (
        try catalog.splits(ofVolume: volume.id), try catalog.splitUUIDs(ofVolume: volume.id),
        try catalog.tagRecords(ofVolume: volume.id),
        try catalog.versions(ofVolume: volume.id, states: [.sealed, .committed, .retired]),
        try catalog.nextNumber(ofVolume: volume.id)
      )
    }
    var facts: JSONObject = [
      "kind": .string(volume.kind.rawValue), "uuid": .string(volume.uuid), "name": .string(volume.name),
    ]
    facts["note"] = volume.note.map(JSONValue.string)
    facts["created_at"] = .string(volume.createdAt.rawValue)
    facts["next_number"] = .integer(next)
    facts["splits"] = .array(
      zip(splits, uuids).map {
        ["part": .string($0.part.rawValue), "box": $0.box.json, "uuid": .string($1)]
      })
    var named = JSONObject()
    for tag in tags {
      guard let number = versions.first(where: { $0.id == tag.versionID })?.number else { continue }
      named[tag.name] = [
        "version": .integer(number), "uuid": .string(tag.uuid), "created_at": .string(tag.createdAt.rawValue),
      ]
    }
    facts["tags"] = .object(named)
    var listed: [JSONValue] = []
    var freed: [JSONValue] = []
    for one in versions {
      let isNew = one.id == version?.id
      if one.state == .sealed && !isNew {
        // Another process is about to commit it, and has listed it perhaps.
        let known = old["versions"]?.array?.first { $0["uuid"]?.string == one.uuid }
        if let known { listed.append(known) }
        continue
      }
      var entry: JSONObject = ["version": .integer(one.number), "uuid": .string(one.uuid)]
      entry["committed_at"] = .string((isNew ? moment : one.committedAt ?? moment).rawValue)
      entry["retired_at"] = one.retiredAt.map { .string($0.rawValue) }
      entry["freed_at"] = one.freedAt.map { .string($0.rawValue) }
      listed.append(.object(entry))
      if one.freedAt != nil, let known = tombstone(of: one, old: old) { freed.append(known) }
    }
    facts["versions"] = .array(listed)
    facts["retired"] = JSONValue(versions.filter { $0.state == .retired }.map(\.number))
    if !freed.isEmpty { facts["freed"] = .array(freed) }
    return facts
  }

  /// What the group of a volume says of it that people may change and that no version says.
  static func changeableFacts(of volume: VolumeRecord) -> JSONObject {
    var facts: JSONObject = ["uuid": .string(volume.uuid), "name": .string(volume.name)]
    facts["note"] = volume.note.map(JSONValue.string)
    return facts
  }

  /// Whether a group says what the catalog knows; a fact that one of them lacks must be lacking in both.
  static func agrees(_ group: JSONObject, with known: JSONObject) -> Bool {
    let changeable = ["organism", "tissue", "modality", "instrument", "licence", "citation", "note"]
    return known.allSatisfy { group[$0.key] == $0.value }
      && changeable.allSatisfy { group[$0] == known[$0] }
  }

  /// Removes the folder of a volume that has no version, if the catalog knows no such volume.
  func removeUnusedFolder(of volume: VolumeReference) throws(DatabaseError) {
    let isKnown = (try? catalog.volume(named: volume.volume, in: volume.dataset)) != nil
    let folder = layout.volume(volume)
    guard !isKnown, FileSystem.kind(folder) == .folder else { return }
    guard try FileSystem.names(in: folder).allSatisfy({ $0 == "zarr.json" }) else { return }
    try FileSystem.removeTree(folder)
  }
}
