// SPDX-License-Identifier: Apache-2.0

import Catalog
import Zarr

/// A renaming that is under way, as `renaming.json` has it in the database's folder.
///
/// The one step that decides is the renaming of the folder: before it everything has the old name, after it
/// whoever opens the database for writing ends it with the new one.
struct Renaming: Hashable, Sendable {
  /// What is renamed: a dataset, a volume or a model.
  let noun: Catalog.Noun
  /// Its UUID.
  let uuid: String
  /// The folder that holds its folder, relative to the database's.
  let parent: String
  /// The old name, which is that of its folder.
  let old: String
  /// The new name.
  let new: String

  /// Reads the file of a database; `nil` if nothing is under way.
  init?(in layout: DatabaseLayout) throws(DatabaseError) {
    guard FileSystem.kind(layout.renaming) == .file else { return nil }
    let bytes = try FileSystem.read(layout.renaming)
    let json = try inZarr(layout.root) { () throws(ZarrError) in
      try JSONValue(parsing: bytes, key: "renaming.json")
    }
    guard let noun = json["noun"]?.string.flatMap(Catalog.Noun.init(rawValue:)),
      let uuid = json["uuid"]?.string, let parent = json["parent"]?.string, let old = json["old"]?.string,
      let new = json["new"]?.string, ObjectName.isName(old), ObjectName.isName(new),
      [.dataset, .volume, .model].contains(noun)
    else { throw .badFacts(path: layout.renaming, reason: "it does not say what is being renamed") }
    self.init(noun: noun, uuid: uuid, parent: parent, old: old, new: new)
  }

  init(noun: Catalog.Noun, uuid: String, parent: String, old: String, new: String) {
    self.noun = noun
    self.uuid = uuid
    self.parent = parent
    self.old = old
    self.new = new
  }

  /// Says in the database's folder, durably, that this is under way.
  func announce(in layout: DatabaseLayout) throws(DatabaseError) {
    let json: JSONValue = [
      "noun": .string(noun.rawValue), "uuid": .string(uuid), "parent": .string(parent), "old": .string(old),
      "new": .string(new),
    ]
    try FileSystem.replace(layout.renaming, with: Array(json.text().utf8))
  }

  /// Says that nothing is under way any more.
  static func conclude(in layout: DatabaseLayout) throws(DatabaseError) {
    try FileSystem.removeFile(layout.renaming)
    try FileSystem.synchronise(layout.root)
  }

  /// Gives the folder its new name, or the old one back.
  func move(in layout: DatabaseLayout, back: Bool = false) throws(DatabaseError) {
    let folder = layout.path(parent)
    let (from, to) = ("\(folder)/\(old)", "\(folder)/\(new)")
    // A volume or a model without versions may have none.
    if FileSystem.kind(back ? to : from) != nil {
      try FileSystem.rename(back ? to : from, to: back ? from : to)
      try FileSystem.synchronise(folder)
    }
  }

  /// Whether the folder has its new name. Names count as they are spelled: they may differ in case alone.
  func isMoved(in layout: DatabaseLayout) throws(DatabaseError) -> Bool {
    let names = try FileSystem.names(in: layout.path(parent))
    return names.contains(new) && !names.contains(old)
  }
}
