// SPDX-License-Identifier: Apache-2.0

import Catalog
import Zarr

/// `models/<model>/series.json`: what may change about a model, as the group of a volume has it.
enum SeriesFile {
  static let name = "series.json"

  static func read(folder: String) throws(DatabaseError) -> JSONObject {
    let path = "\(folder)/\(name)"
    let bytes = try FileSystem.read(path)
    let json = try inZarr(folder) { () throws(ZarrError) in try JSONValue(parsing: bytes, key: name) }
    guard let object = json.object else { throw .badFacts(path: path, reason: "it is no object") }
    return object
  }
}

extension VolumeDatabase {
  /// Writes what may change about a model to the file above its versions.
  ///
  /// - Parameters:
  ///   - version: One that is about to be committed.
  ///   - moment: When it will have been.
  func writeSeries(
    ofModel name: String, committing version: ModelVersionRecord? = nil, at moment: Timestamp = .now
  ) throws(DatabaseError) {
    try lockingGroups { () throws(DatabaseError) in
      let (model, next, versions) = try inCatalog { () throws(CatalogError) in
        let model = try catalog.model(named: name)
        return (
          model, try catalog.nextNumber(ofModel: model.id),
          try catalog.modelVersions(ofModel: model.id, states: [.sealed, .committed, .retired])
        )
      }
      let folder = layout.model(model.name)
      let old = (try? SeriesFile.read(folder: folder)) ?? [:]
      var facts: JSONObject = ["uuid": .string(model.uuid), "name": .string(model.name)]
      facts["note"] = model.note.map(JSONValue.string)
      facts["created_at"] = .string(model.createdAt.rawValue)
      facts["next_number"] = .integer(next)
      facts["versions"] = .array(
        versions.compactMap { one in
          if one.state == .sealed && one.id != version?.id {
            return old["versions"]?.array?.first { $0["uuid"]?.string == one.uuid }
          }
          return [
            "version": .integer(one.number), "uuid": .string(one.uuid),
            "committed_at": .string((one.committedAt ?? moment).rawValue),
          ]
        })
      try FileSystem.replace(
        "\(folder)/\(SeriesFile.name)", with: Array(JSONValue.object(facts).text().utf8))
      try FileSystem.synchronise(layout.models)
    }
  }

  /// Replaces the note of a model, in the catalog and in the file above its versions.
  public func setNote(_ note: String?, ofModel name: String) throws(DatabaseError) {
    try requireWriting()
    let model = try inCatalog { () throws(CatalogError) in
      let model = try catalog.model(named: name)
      try catalog.setNote(note, ofModel: model.id)
      return model
    }
    // One without versions has no folder yet.
    if FileSystem.kind(layout.model(model.name)) == .folder { try writeSeries(ofModel: model.name) }
  }

  /// Adds to a staged `model.json` what the catalog knows of the version, so that it can be rebuilt.
  func describe(
    _ version: ModelVersionRecord, in staging: String, isDurable: Bool = false
  ) throws(DatabaseError) {
    let path = "\(staging)/model.json"
    guard FileSystem.kind(path) == .file else { return }
    let bytes = try FileSystem.read(path)
    let json = try inZarr(staging) { () throws(ZarrError) in try JSONValue(parsing: bytes, key: "model.json")
    }
    guard var object = json.object else { throw .badFacts(path: path, reason: "it is no object") }
    let (model, parent, run, classes) = try inCatalog { () throws(CatalogError) in
      (
        try catalog.model(named: version.model),
        try version.parentID.map { (id) throws(CatalogError) in try catalog.modelVersion(id) },
        try version.runID.map { (id) throws(CatalogError) in try catalog.run(id) },
        try version.classes.map { (name) throws(CatalogError) in try catalog.classNamed(name) }
      )
    }
    var facts: JSONObject = [
      "uuid": .string(version.uuid), "model": ["name": .string(model.name), "uuid": .string(model.uuid)],
      "version": .integer(version.number), "created_at": .string(version.createdAt.rawValue),
      "parameter_count": .integer(version.parameterCount),
    ]
    facts["weights_hash"] = version.weightsHash.map(JSONValue.string)
    facts["byte_count"] = version.byteCount.map { .integer($0) }
    facts["parent"] = parent.map { ["ref": .string($0.reference), "uuid": .string($0.uuid)] }
    facts["run"] = run.map { ["number": JSONValue($0.id), "uuid": .string($0.uuid)] }
    facts["note"] = version.note.map(JSONValue.string)
    facts["classes"] = .array(classes.map { ["name": .string($0.name), "uuid": .string($0.uuid)] })
    object["vemdb"] = .object(facts)
    try FileSystem.replace(path, with: Array(JSONValue.object(object).text().utf8), isDurable: isDurable)
  }
}
