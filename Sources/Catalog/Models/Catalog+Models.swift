// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Adds a model without versions.
  ///
  /// - Parameters:
  ///   - uuid: That of a model that is being restored; a new one by default.
  ///   - nextNumber: The number that its next version gets.
  ///   - createdAt: When it was first added.
  /// - Throws: ``CatalogError/invalidName(_:of:)``, ``CatalogError/nameTaken(_:of:)``.
  @discardableResult
  public func addModel(
    _ name: String, note: String? = nil, uuid: String? = nil, nextNumber: Int = 1,
    createdAt: Timestamp = .now
  ) throws(CatalogError) -> ModelRecord {
    try CatalogName.check(name, of: "model")
    return try write { database in
      if try Row.fetchOne(database, sql: "SELECT 1 FROM model WHERE name = ?", arguments: [name]) != nil {
        throw CatalogError.nameTaken(name, of: "model")
      }
      try database.execute(
        sql: "INSERT INTO model (uuid, name, note, next_number, created_at) VALUES (?, ?, ?, ?, ?)",
        arguments: [uuid ?? newUUID(), name, note, nextNumber, createdAt.rawValue])
      return try Catalog.model(database, name)
    }
  }

  /// The model of a name, without regard to case.
  ///
  /// - Throws: ``CatalogError/unknown(_:of:)``.
  public func model(named name: String) throws(CatalogError) -> ModelRecord {
    try read { database in try Catalog.model(database, name) }
  }

  /// All models by name.
  public func models() throws(CatalogError) -> [ModelRecord] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM model ORDER BY name").map(ModelRecord.init(row:))
    }
  }

  /// Replaces the note of a model.
  public func setNote(_ note: String?, ofModel id: Int64) throws(CatalogError) {
    try write { database in
      try database.execute(sql: "UPDATE model SET note = ? WHERE id = ?", arguments: [note, id])
    }
  }

  /// Reserves the next number of a model for a version that is about to be written.
  ///
  /// It is sealed and committed by ``sealVersions(_:modelVersions:)`` and
  /// ``commitVersions(_:modelVersions:)``.
  public func reserveModelVersion(_ draft: ModelVersionDraft) throws(CatalogError) -> ModelVersionRecord {
    try write { database in
      try database.execute(
        sql: "UPDATE model SET next_number = next_number + 1 WHERE id = ?", arguments: [draft.modelID])
      let model = try Row.fetchOne(
        database, sql: "SELECT name, next_number - 1 AS number FROM model WHERE id = ?",
        arguments: [draft.modelID])
      guard let model else { throw CatalogError.unknown("\(draft.modelID)", of: "model") }
      return try insert(draft, name: model["name"], number: model["number"], into: database)
    }
  }

  /// Enters a committed version of a model under the number that its files say, when a catalog is rebuilt.
  public func restoreModelVersion(
    _ draft: ModelVersionDraft, number: Int, weights: (hash: String, byteCount: Int),
    createdAt: Timestamp, committedAt: Timestamp
  ) throws(CatalogError) -> ModelVersionRecord {
    try write { database in
      try database.execute(
        sql: "UPDATE model SET next_number = max(next_number, ?) WHERE id = ?",
        arguments: [number + 1, draft.modelID])
      let name = try String.fetchOne(
        database, sql: "SELECT name FROM model WHERE id = ?", arguments: [draft.modelID])
      guard let name else { throw CatalogError.unknown("\(draft.modelID)", of: "model") }
      let version = try insert(draft, name: name, number: number, createdAt: createdAt, into: database)
      try database.execute(
        sql: """
          UPDATE model_version SET state = 'committed', staging_path = NULL, committed_at = ?,
            weights_hash = ?, byte_count = ? WHERE id = ?
          """, arguments: [committedAt.rawValue, weights.hash, weights.byteCount, version.id])
      return try Catalog.modelVersion(database, version.id)
    }
  }

  /// The number that the next version of a model gets.
  public func nextNumber(ofModel id: Int64) throws(CatalogError) -> Int {
    try read { database in
      try Int.fetchOne(database, sql: "SELECT next_number FROM model WHERE id = ?", arguments: [id]) ?? 1
    }
  }

  /// Enters the hash and the size of the weights of a staging version.
  ///
  /// - Parameter hash: SHA-256, 64 hexadecimal digits in lower case.
  public func setWeights(hash: String, byteCount: Int, ofModelVersion id: Int64) throws(CatalogError) {
    try write { database in
      let version = try Catalog.modelVersion(database, id)
      if version.state != .staging {
        throw CatalogError.wrongState(version.reference, is: version.state.rawValue, mustBe: "staging")
      }
      try database.execute(
        sql: "UPDATE model_version SET weights_hash = ?, byte_count = ? WHERE id = ?",
        arguments: [hash, byteCount, id])
    }
  }

  /// Forgets versions of models that were never committed.
  public func abandonModelVersions(_ ids: [Int64]) throws(CatalogError) {
    try write { database in
      for id in ids {
        try database.execute(
          sql: "DELETE FROM model_version WHERE id = ? AND state IN ('staging', 'sealed')", arguments: [id])
      }
    }
  }

  /// The version of a model by its key.
  public func modelVersion(_ id: Int64) throws(CatalogError) -> ModelVersionRecord {
    try read { database in try Catalog.modelVersion(database, id) }
  }

  /// A version of a model; the latest committed one where no number is given.
  ///
  /// - Throws: ``CatalogError/unknown(_:of:)`` if there is no such model or version.
  public func modelVersion(
    _ number: Int? = nil, ofModel name: String
  ) throws(CatalogError) -> ModelVersionRecord {
    try read { database in
      let model = try Catalog.model(database, name)
      let id = try Int64.fetchOne(
        database,
        sql: """
          SELECT id FROM model_version WHERE model_id = ?1
            AND CASE WHEN ?2 IS NULL THEN state = 'committed' ELSE number = ?2 END
          ORDER BY number DESC LIMIT 1
          """, arguments: [model.id, number])
      guard let id else {
        throw CatalogError.unknown(number.map { "\(model.name)@\($0)" } ?? model.name, of: "model version")
      }
      return try Catalog.modelVersion(database, id)
    }
  }

  /// Versions of models by name and number: of all models or of one, in the given states.
  public func modelVersions(
    ofModel model: Int64? = nil, states: Set<VersionState> = [.committed]
  ) throws(CatalogError) -> [ModelVersionRecord] {
    let words = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
    return try read { database in
      try Int64.fetchAll(
        database,
        sql: """
          SELECT m.id FROM model_version m JOIN model o ON o.id = m.model_id
          WHERE o.id = coalesce(?, o.id) AND m.state IN (\(words)) ORDER BY o.name, m.number
          """, arguments: [model]
      ).map { id in try Catalog.modelVersion(database, id) }
    }
  }

  /// The versions of models that a run made, whatever their state.
  public func modelVersions(madeByRun run: Int64) throws(CatalogError) -> [ModelVersionRecord] {
    try read { database in
      try Int64.fetchAll(
        database, sql: "SELECT id FROM model_version WHERE run_id = ? ORDER BY id", arguments: [run]
      ).map { id in try Catalog.modelVersion(database, id) }
    }
  }

  static func modelVersion(_ database: Database, _ id: Int64) throws -> ModelVersionRecord {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT m.*, o.name AS model FROM model_version m JOIN model o ON o.id = m.model_id WHERE m.id = ?
        """, arguments: [id])
    guard let row else { throw CatalogError.unknown("\(id)", of: "model version") }
    let classes = try String.fetchAll(
      database,
      sql: """
        SELECT c.name FROM model_version_class k JOIN class c ON c.id = k.class_id
        WHERE k.model_version_id = ? ORDER BY k.channel
        """, arguments: [id])
    return try ModelVersionRecord(row: row, classes: classes)
  }

  private static func model(_ database: Database, _ name: String) throws -> ModelRecord {
    let row = try Row.fetchOne(database, sql: "SELECT * FROM model WHERE name = ?", arguments: [name])
    guard let row else { throw CatalogError.unknown(name, of: "model") }
    return ModelRecord(row: row)
  }

  private func insert(
    _ draft: ModelVersionDraft, name: String, number: Int, createdAt: Timestamp = .now,
    into database: Database
  ) throws -> ModelVersionRecord {
    try database.execute(
      sql: """
        INSERT INTO model_version (uuid, model_id, number, parent_id, run_id, architecture, preprocessing,
          parameter_count, path, staging_path, note, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        draft.uuid ?? newUUID(), draft.modelID, number, draft.parentID, draft.runID, draft.architecture,
        draft.preprocessing, draft.parameterCount, "models/\(name)/\(number)", draft.stagingPath, draft.note,
        createdAt.rawValue,
      ])
    let id = database.lastInsertedRowID
    for (channel, classID) in draft.classIDs.enumerated() {
      try database.execute(
        sql: "INSERT INTO model_version_class (model_version_id, channel, class_id) VALUES (?, ?, ?)",
        arguments: [id, channel, classID])
    }
    return try Catalog.modelVersion(database, id)
  }
}

extension ModelRecord {
  init(row: Row) {
    id = row["id"]
    uuid = row["uuid"]
    name = row["name"]
    note = row["note"]
    createdAt = Timestamp(rawValue: row["created_at"])
  }
}

extension ModelVersionRecord {
  init(row: Row, classes: [String]) throws {
    id = row["id"]
    uuid = row["uuid"]
    modelID = row["model_id"]
    model = row["model"]
    number = row["number"]
    state = try row.word("state")
    parentID = row["parent_id"]
    runID = row["run_id"]
    architecture = row["architecture"]
    preprocessing = row["preprocessing"]
    self.classes = classes
    parameterCount = row["parameter_count"]
    path = row["path"]
    stagingPath = row["staging_path"]
    weightsHash = row["weights_hash"]
    byteCount = row["byte_count"]
    note = row["note"]
    createdAt = Timestamp(rawValue: row["created_at"])
    committedAt = row.time("committed_at")
  }
}
