// SPDX-License-Identifier: Apache-2.0

import Zarr

/// The names that files tell of datasets, volumes, versions and models, which follow from where they lie.
///
/// Folders count: a version's own names come from its path, those of its parent and its image from theirs,
/// found by UUID. The catalog is not asked, so that a lost one can be rebuilt afterwards.
struct StoredNames {
  /// Where a version lies.
  private struct Place {
    let dataset: String
    let volume: String
    let number: Int
    var reference: String { "\(dataset)/\(volume)@\(number)" }
  }

  private let layout: DatabaseLayout
  private var places: [String: Place] = [:]
  private var models: [String: String] = [:]
  private var changed: [String] = []

  /// Brings every name in every file into line with the folders; files that tell no wrong name are not
  /// touched, others are replaced, each in one step.
  ///
  /// - Returns: The paths of those that were, relative to the database's folder.
  @discardableResult
  static func refresh(in layout: DatabaseLayout) throws(DatabaseError) -> [String] {
    let lock = try FileLock(layout.groupLock, .exclusive, waits: true, creates: true)
    var names = StoredNames(layout: layout)
    try names.find()
    try names.write()
    withExtendedLifetime(lock) {}
    return names.changed
  }

  private init(layout: DatabaseLayout) { self.layout = layout }

  // MARK: Where things lie

  private mutating func find() throws(DatabaseError) {
    for volume in try volumes() {
      let folder = layout.volume(volume)
      // Of versions whose files are gone the group knows the number.
      for entry in (try? VolumeDatabase.facts(ofGroup: folder))?["versions"]?.array ?? [] {
        guard let uuid = entry["uuid"]?.string, let number = entry["version"]?.int else { continue }
        places[uuid] = Place(dataset: volume.dataset, volume: volume.volume, number: number)
      }
      for number in try numbers(in: folder) {
        guard let uuid = json("\(folder)/\(number)/zarr.json")?["attributes"]?["vemdb"]?["uuid"]?.string
        else { continue }
        places[uuid] = Place(dataset: volume.dataset, volume: volume.volume, number: number)
      }
    }
    for model in try folders(in: layout.models) {
      for number in try numbers(in: layout.model(model)) {
        let facts = json("\(layout.model(model))/\(number)/model.json")?["vemdb"]
        if let uuid = facts?["uuid"]?.string { models[uuid] = "model:\(model)@\(number)" }
      }
    }
  }

  private func volumes() throws(DatabaseError) -> [VolumeReference] {
    var found: [VolumeReference] = []
    for dataset in try folders(in: layout.volumes) {
      for volume in try folders(in: layout.dataset(dataset)) {
        found.append(try VolumeReference(dataset: dataset, volume: volume))
      }
    }
    return found
  }

  private func folders(in path: String) throws(DatabaseError) -> [String] {
    try FileSystem.folders(in: path).filter(ObjectName.isName)
  }

  private func numbers(in folder: String) throws(DatabaseError) -> [Int] {
    try FileSystem.folders(in: folder).compactMap(positiveNumber)
  }

  /// A file that cannot be read is left to `verify` and `repair`.
  private func json(_ path: String) -> JSONValue? {
    guard let bytes = try? FileSystem.read(path) else { return nil }
    return try? JSONValue(parsing: bytes, key: path)
  }

  // MARK: Writing

  private mutating func write() throws(DatabaseError) {
    // What lies where does not change any more.
    let known = self
    for dataset in try folders(in: layout.volumes) {
      try change("\(layout.dataset(dataset))/zarr.json") { group in
        group.change("attributes", "vemdb", "name") { _ in .string(dataset) }
      }
    }
    for volume in try volumes() {
      let folder = layout.volume(volume)
      try change("\(folder)/zarr.json") { group in
        group.change("attributes", "vemdb", "name") { _ in .string(volume.volume) }
        group.change("attributes", "vemdb", "freed") { freed in
          .array((freed.array ?? []).map { known.tombstone($0, in: volume) })
        }
      }
      for number in try numbers(in: folder) {
        let place = Place(dataset: volume.dataset, volume: volume.volume, number: number)
        try change("\(folder)/\(number)/zarr.json", mode: FileSystem.readOnlyMode) { known.name(place, &$0) }
      }
    }
    for model in try folders(in: layout.models) {
      let folder = layout.model(model)
      try change("\(folder)/\(SeriesFile.name)") { series in
        series.change("name") { _ in .string(model) }
      }
      for number in try numbers(in: folder) {
        try change("\(folder)/\(number)/model.json") { description in
          description.change("vemdb", "model", "name") { _ in .string(model) }
          let parent = description["vemdb"]?["parent"]?["uuid"]?.string.flatMap { known.models[$0] }
          if let parent { description.change("vemdb", "parent", "ref") { _ in .string(parent) } }
        }
      }
    }
  }

  /// Replaces a file if a change makes any difference to it.
  private mutating func change(
    _ path: String, mode: UInt32 = FileSystem.fileMode, _ body: (inout JSONValue) -> Void
  ) throws(DatabaseError) {
    guard let old = json(path) else { return }
    var new = old
    body(&new)
    if new == old { return }
    try FileSystem.replace(path, with: Array(new.text().utf8), mode: mode)
    changed.append(String(path.dropFirst(layout.root.count + 1)))
  }

  private func name(_ place: Place, _ group: inout JSONValue) {
    group.change("attributes", "ome", "multiscales") { images in
      guard var list = images.array, !list.isEmpty else { return images }
      list[0].change("name") { _ in .string(place.reference) }
      return .array(list)
    }
    let image = group["attributes"]?["vemdb"]?["image"]?["uuid"]?.string.flatMap { places[$0] }
    if let image {
      group.change("attributes", "ome", "image-label", "source", "image") { _ in
        .string(
          DatabaseLayout.path(
            ofVersion: image.number, of: image.volume, in: image.dataset, from: place.dataset))
      }
    }
    group.change("attributes", "vemdb") { facts in self.facts(facts, of: place) }
  }

  private func tombstone(_ facts: JSONValue, in volume: VolumeReference) -> JSONValue {
    self.facts(
      facts, of: Place(dataset: volume.dataset, volume: volume.volume, number: facts["version"]?.int ?? 0))
  }

  private func facts(_ old: JSONValue, of place: Place) -> JSONValue {
    var facts = old
    facts.change("dataset", "name") { _ in .string(place.dataset) }
    facts.change("volume", "name") { _ in .string(place.volume) }
    for relative in ["parent", "image"] {
      guard let known = facts[relative]?["uuid"]?.string.flatMap({ places[$0] }) else { continue }
      facts.change(relative, "ref") { _ in .string(known.reference) }
    }
    return facts
  }
}

extension JSONValue {
  /// Changes a member of a member … of an object; where there is none, nothing.
  fileprivate mutating func change(_ path: String..., by body: (JSONValue) -> JSONValue) {
    self = changed(path[...], body)
  }

  private func changed(_ path: ArraySlice<String>, _ body: (JSONValue) -> JSONValue) -> JSONValue {
    guard let name = path.first else { return body(self) }
    guard var members = object, let member = members[name] else { return self }
    members[name] = member.changed(path.dropFirst(), body)
    return .object(members)
  }
}
