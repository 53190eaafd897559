// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Zarr

extension VolumeDatabase {
  /// Checks that a folder is a database that this program understands.
  static func checkFormat(of layout: DatabaseLayout) throws(DatabaseError) {
    let found = try facts(ofGroup: layout.volumes)["format"]?.int ?? 0
    guard found > 0 else { throw .notADatabase(path: layout.root) }
    guard found <= format else { throw .newerDatabase(path: layout.root, found: found, known: format) }
  }

  /// Writes what is to be known of the whole database to the group above all datasets.
  static func writeRoot(
    of layout: DatabaseLayout, uuid: String, journal: JournalMode, createdAt: Timestamp,
    classes: [ClassRecord]
  ) throws(DatabaseError) {
    var facts: JSONObject = [
      "format": .integer(format), "uuid": .string(uuid), "journal": .string(journal.rawValue),
      "created_at": .string(createdAt.rawValue),
    ]
    let known = classes.map { one -> JSONValue in
      var entry: JSONObject = ["name": .string(one.name), "uuid": .string(one.uuid)]
      entry["synonyms"] = .array(one.synonyms.map(JSONValue.string))
      entry["colour"] = one.colour.map(JSONValue.string)
      entry["term"] = one.term.map(JSONValue.string)
      return .object(entry)
    }
    if !known.isEmpty { facts["classes"] = .array(known) }
    try writeGroup(facts, at: layout.volumes)
  }

  /// Adds a class that people label, beyond those that every database knows.
  ///
  /// - Parameters: As of ``Catalog/addClass(_:synonyms:colour:term:uuid:)``.
  /// - Throws: ``DatabaseError/catalog(_:)`` if a name breaks the rules or means a class already.
  @discardableResult
  public func addClass(
    _ name: String, synonyms: [String] = [], colour: String? = nil, term: String? = nil
  ) throws(DatabaseError) -> ClassRecord {
    try requireWriting()
    let record = try inCatalog { () throws(CatalogError) in
      try catalog.addClass(name, synonyms: synonyms, colour: colour, term: term)
    }
    try writeRoot()
    return record
  }

  /// Writes what the catalog knows of the whole database to the group above all datasets.
  func writeRoot() throws(DatabaseError) {
    try lockingGroups { () throws(DatabaseError) in
      let (createdAt, classes) = try inCatalog { () throws(CatalogError) in
        (try catalog.createdAt(), try catalog.classes().filter { !$0.isInitial })
      }
      try Self.writeRoot(
        of: layout, uuid: catalog.uuid, journal: catalog.journal, createdAt: createdAt, classes: classes)
    }
  }

  /// Writes the `zarr.json` of a group with facts under `vemdb`, in one step.
  static func writeGroup(_ facts: JSONObject, at folder: String) throws(DatabaseError) {
    let group = GroupMetadata(attributes: ["vemdb": .object(facts)])
    try FileSystem.replace("\(folder)/zarr.json", with: Array(group.json.text().utf8))
  }

  /// What stands under `vemdb` in the `zarr.json` of a group; empty if there is no such group.
  static func facts(ofGroup folder: String) throws(DatabaseError) -> JSONObject {
    guard FileSystem.kind("\(folder)/zarr.json") == .file else { return [:] }
    let group = try inZarr(folder) { () throws(ZarrError) in
      try GroupMetadata(opening: "", in: LocalStore(path: folder))
    }
    return group.attributes["vemdb"]?.object ?? [:]
  }

  /// Runs what reads the catalog and writes it to a group: two that write one group at once would lose what
  /// one of them has to say.
  func lockingGroups<Result>(_ body: () throws(DatabaseError) -> Result) throws(DatabaseError) -> Result {
    let lock = try FileLock(layout.groupLock, .exclusive, waits: true, creates: true)
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }
}
