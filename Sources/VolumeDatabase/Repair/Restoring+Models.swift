// SPDX-License-Identifier: Apache-2.0

import Catalog
import Zarr

extension Restoring {
  private struct Pending {
    let model: ModelRecord
    let number: Int
    let facts: JSONValue
    let description: JSONValue
    let committedAt: Timestamp?
    var uuid: String { facts["uuid"]?.string ?? "" }
    var parentUUID: String? { facts["parent"]?["uuid"]?.string }
  }

  /// Enters models and their versions, each after the one whose weights it began with.
  mutating func models() throws {
    var pending: [Pending] = []
    for name in try FileSystem.names(in: layout.models) where isFolder(layout.model(name)) {
      guard CatalogName.isValid(name) else {
        report.cannot("models/\(name)", "no model can have this name; move it away")
        continue
      }
      pending += try self.pending(of: name)
    }
    var waiting = Set(pending.map(\.uuid))
    while !pending.isEmpty {
      var ready = pending.filter { !($0.parentUUID.map(waiting.contains) ?? false) }
      if ready.isEmpty { ready = pending }
      for one in ready {
        try enter(one)
        waiting.remove(one.uuid)
      }
      pending.removeAll { one in ready.contains { $0.uuid == one.uuid } }
    }
  }

  private mutating func pending(of name: String) throws -> [Pending] {
    let folder = layout.model(name)
    let series = (try? SeriesFile.read(folder: folder)) ?? [:]
    var found: [Pending] = []
    for number in versionNumbers(in: folder) {
      let path = "\(folder)/\(number)/model.json"
      guard let bytes = try? FileSystem.read(path), let json = try? JSONValue(parsing: bytes, key: path),
        let facts = json["vemdb"], let uuid = facts["uuid"]?.string
      else {
        if let known = try? catalog.modelVersion(number, ofModel: name) {
          // Earlier programs did not write what the catalog is rebuilt from.
          if (try? FileSystem.read(path)).flatMap({ try? JSONValue(parsing: $0, key: path) })?.object != nil {
            try database.describe(known, in: "\(folder)/\(number)", isDurable: true)
            report.did(known.reference, "what the catalog knows was added to its model.json")
          }
        } else {
          report.cannot("model:\(name)@\(number)", "'\(path)' is missing or does not say what it is")
        }
        continue
      }
      if try catalog.key(of: .modelVersion, uuid: uuid) != nil { continue }
      let known = try catalog.models().first { $0.name.lowercased() == name.lowercased() }
      let model: ModelRecord
      if let known {
        model = known
      } else {
        let next = max(series["next_number"]?.int ?? 1, (versionNumbers(in: folder).max() ?? 0) + 1)
        model = try catalog.addModel(
          name, note: series["note"]?.string,
          uuid: series["uuid"]?.string ?? facts["model"]?["uuid"]?.string, nextNumber: next,
          createdAt: time(series["created_at"]) ?? .now)
        report.did("model:\(name)", "entered")
      }
      let entry = series["versions"]?.array?.first { $0["uuid"]?.string == uuid }
      found.append(
        Pending(
          model: model, number: number, facts: facts, description: json,
          committedAt: time(entry?["committed_at"])))
    }
    return found
  }

  private mutating func enter(_ one: Pending) throws {
    let reference = "model:\(one.model.name)@\(one.number)"
    guard let hash = one.facts["weights_hash"]?.string, let bytes = one.facts["byte_count"]?.int else {
      report.cannot(reference, "its model.json does not say which weights it has")
      return
    }
    var draft = ModelVersionDraft(
      modelID: one.model.id, architecture: one.description["architecture"]?.string ?? "unknown",
      preprocessing: (one.description["preprocessing"] ?? .object([:])).text(indented: false),
      classIDs: [], parameterCount: one.facts["parameter_count"]?.int ?? 0,
      stagingPath: DatabaseLayout.stagingPath(one.uuid))
    for entry in one.facts["classes"]?.array ?? [] {
      guard let name = entry["name"]?.string else { continue }
      try enterClass(name, uuid: entry["uuid"]?.string ?? Catalog.newIdentity())
      draft.classIDs.append(try catalog.classNamed(name).id)
    }
    draft.uuid = one.uuid
    draft.note = one.facts["note"]?.string
    draft.parentID = try one.parentUUID.flatMap { try catalog.key(of: .modelVersion, uuid: $0) }
    draft.runID = try one.facts["run"]?["uuid"]?.string.flatMap { try catalog.key(of: .run, uuid: $0) }
    if one.parentUUID != nil, draft.parentID == nil {
      report.cannot(reference, "the model that it began with is not there any more")
    }
    let created = time(one.facts["created_at"]) ?? .now
    _ = try catalog.restoreModelVersion(
      draft, number: one.number, weights: (hash, bytes), createdAt: created,
      committedAt: one.committedAt ?? created)
    report.did(reference, "entered")
  }
}
