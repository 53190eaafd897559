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
    let record = try inCatalog { () throws(CatalogError) in try catalog.addDataset(name, facts) }
    try writeGroup(of: record)
    return record
  }

  /// Replaces what is known about a dataset, in the catalog and in its group.
  public func setFacts(_ facts: DatasetFacts, ofDataset name: String) throws(DatabaseError) {
    try requireWriting()
    let record = try inCatalog { () throws(CatalogError) in
      try catalog.setFacts(facts, ofDataset: try catalog.dataset(named: name).id)
      return try catalog.dataset(named: name)
    }
    try writeGroup(of: record)
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
  func writeGroups(of volume: VolumeReference) throws(DatabaseError) {
    let dataset = try inCatalog { () throws(CatalogError) in try catalog.dataset(named: volume.dataset) }
    if FileSystem.kind("\(layout.dataset(dataset.name))/zarr.json") == nil { try writeGroup(of: dataset) }
    try writeGroup(of: try self.volume(volume))
  }

  /// Writes what may change about a dataset to its group.
  func writeGroup(of dataset: DatasetRecord) throws(DatabaseError) {
    var facts: JSONObject = ["kind": "dataset", "uuid": .string(dataset.uuid), "name": .string(dataset.name)]
    let known: [(String, String?)] = [
      ("organism", dataset.facts.organism), ("tissue", dataset.facts.tissue),
      ("modality", dataset.facts.modality), ("instrument", dataset.facts.instrument),
      ("licence", dataset.facts.licence), ("citation", dataset.facts.citation), ("note", dataset.facts.note),
    ]
    for (name, value) in known { facts[name] = value.map(JSONValue.string) }
    facts["created_at"] = .string(dataset.createdAt.rawValue)
    let folder = layout.dataset(dataset.name)
    try FileSystem.createFolders(folder)
    try Self.writeGroup(facts, at: folder)
  }

  /// Writes what may change about a volume to its group: splits, tags, retired versions and the note.
  func writeGroup(of volume: VolumeRecord) throws(DatabaseError) {
    var facts: JSONObject = [
      "kind": .string(volume.kind.rawValue), "uuid": .string(volume.uuid), "name": .string(volume.name),
    ]
    facts["note"] = volume.note.map(JSONValue.string)
    facts["created_at"] = .string(volume.createdAt.rawValue)
    let (splits, tags, versions) = try inCatalog { () throws(CatalogError) in
      (
        try catalog.splits(ofVolume: volume.id), try catalog.tags(ofVolume: volume.id),
        try catalog.versions(ofVolume: volume.id, states: [.committed, .retired])
      )
    }
    facts["splits"] = .array(
      splits.map { ["part": .string($0.part.rawValue), "box": $0.box.json] })
    var named = JSONObject()
    for (name, id) in tags.sorted(by: { $0.key < $1.key }) {
      named[name] = versions.first { $0.id == id }.map { .integer($0.number) }
    }
    facts["tags"] = .object(named)
    facts["retired"] = JSONValue(versions.filter { $0.state == .retired }.map(\.number))
    let reference = try VolumeReference(dataset: volume.dataset, volume: volume.name)
    let folder = layout.volume(reference)
    try FileSystem.createFolders(folder)
    try Self.writeGroup(facts, at: folder)
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
