// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB

extension Catalog {
  /// Enters a run that begins now.
  public func startRun(_ draft: RunDraft) throws(CatalogError) -> RunRecord {
    try write { database in
      let now = Timestamp.now.rawValue
      try database.execute(
        sql: """
          INSERT INTO run (uuid, kind, command, parameters, seed, program_version, host, cpu, process_id,
            started_at, heartbeat_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          draft.uuid ?? newUUID(), draft.kind.rawValue, draft.command, draft.parameters,
          draft.seed.map(Int64.init(bitPattern:)), draft.programVersion, draft.host, draft.cpu,
          draft.processID, now, now,
        ])
      return try Catalog.run(database, database.lastInsertedRowID)
    }
  }

  /// Says that a run that stopped, failed or was lost goes on, in another process perhaps.
  ///
  /// - Throws: ``CatalogError/wrongState(_:is:mustBe:)`` if it is done.
  public func resumeRun(
    _ id: Int64, programVersion: String, host: String, cpu: String, processID: Int?
  ) throws(CatalogError) -> RunRecord {
    try write { database in
      let run = try Catalog.run(database, id)
      if run.state == .done {
        throw CatalogError.wrongState(run.reference, is: "done", mustBe: "stopped, failed or lost")
      }
      try database.execute(
        sql: """
          UPDATE run SET state = 'running', ended_at = NULL, error = NULL, heartbeat_at = ?,
            program_version = ?, host = ?, cpu = ?, process_id = ? WHERE id = ?
          """, arguments: [Timestamp.now.rawValue, programVersion, host, cpu, processID, id])
      return try Catalog.run(database, id)
    }
  }

  /// Shows that a run is alive, and how far it is.
  public func heartbeat(run id: Int64, done: Int, total: Int?) throws(CatalogError) {
    try write { database in
      try database.execute(
        sql: "UPDATE run SET heartbeat_at = ?, progress_done = ?, progress_total = ? WHERE id = ?",
        arguments: [Timestamp.now.rawValue, done, total, id])
    }
  }

  /// Ends a run.
  ///
  /// A run that is done, as it is once its versions are committed, stays so.
  ///
  /// - Parameter error: Why it failed; goes with ``RunState/failed`` only.
  public func endRun(_ id: Int64, _ state: RunState, error: String? = nil) throws(CatalogError) {
    try write { database in
      let now = Timestamp.now.rawValue
      if state == .failed || state == .stopped, try Catalog.run(database, id).state == .done { return }
      try database.execute(
        sql: "UPDATE run SET state = ?, ended_at = ?, heartbeat_at = ?, error = ? WHERE id = ?",
        arguments: [state.rawValue, state == .running ? nil : now, now, error, id])
    }
  }

  /// Replaces the settings of a run by those that were really used.
  ///
  /// - Parameter parameters: A JSON object.
  public func setParameters(_ parameters: String, ofRun id: Int64) throws(CatalogError) {
    try write { database in
      try database.execute(sql: "UPDATE run SET parameters = ? WHERE id = ?", arguments: [parameters, id])
    }
  }

  /// Adds something that people should know of a run.
  public func addWarning(_ warning: String, toRun id: Int64) throws(CatalogError) {
    try write { database in
      try database.execute(
        sql: "UPDATE run SET warnings = json_insert(warnings, '$[#]', ?) WHERE id = ?",
        arguments: [warning, id])
    }
  }

  /// Adds to what a run read.
  public func addInputs(_ inputs: [RunInput], toRun id: Int64) throws(CatalogError) {
    try write { database in
      for input in inputs {
        let (version, model): (Int64?, Int64?) =
          switch input.source {
          case .version(let key): (key, nil)
          case .modelVersion(let key): (nil, key)
          }
        try database.execute(
          sql: """
            INSERT INTO run_input (run_id, role, version_id, model_version_id, pair) VALUES (?, ?, ?, ?, ?)
            """, arguments: [id, input.role, version, model, input.pair])
      }
    }
  }

  /// What a run read, in the order it was added.
  public func inputs(ofRun id: Int64) throws(CatalogError) -> [RunInput] {
    try read { database in try Catalog.inputs(database, id) }
  }

  /// The run of a number.
  ///
  /// - Throws: ``CatalogError/unknown(_:of:)``.
  public func run(_ id: Int64) throws(CatalogError) -> RunRecord {
    try read { database in try Catalog.run(database, id) }
  }

  /// Runs by number: all, or those of one kind or state.
  public func runs(kind: RunKind? = nil, state: RunState? = nil) throws(CatalogError) -> [RunRecord] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT * FROM run WHERE kind = coalesce(?, kind) AND state = coalesce(?, state) ORDER BY id",
        arguments: [kind?.rawValue, state?.rawValue]
      ).map(RunRecord.init(row:))
    }
  }

  static func run(_ database: Database, _ id: Int64) throws -> RunRecord {
    let row = try Row.fetchOne(database, sql: "SELECT * FROM run WHERE id = ?", arguments: [id])
    guard let row else { throw CatalogError.unknown("run:\(id)", of: "run") }
    return try RunRecord(row: row)
  }

  static func inputs(_ database: Database, _ id: Int64) throws -> [RunInput] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM run_input WHERE run_id = ? ORDER BY id", arguments: [id]
    ).map { row in
      if let version = row["version_id"] as Int64? {
        return RunInput(row["role"], .version(version), pair: row["pair"])
      }
      return RunInput(row["role"], .modelVersion(row["model_version_id"]), pair: row["pair"])
    }
  }
}

extension RunRecord {
  init(row: Row) throws {
    id = row["id"]
    uuid = row["uuid"]
    kind = RunKind(rawValue: row["kind"])
    state = try row.word("state")
    command = row["command"]
    parameters = row["parameters"]
    seed = row.unsigned("seed")
    programVersion = row["program_version"]
    host = row["host"]
    cpu = row["cpu"]
    processID = row["process_id"]
    startedAt = Timestamp(rawValue: row["started_at"])
    heartbeatAt = Timestamp(rawValue: row["heartbeat_at"])
    endedAt = row.time("ended_at")
    progressDone = row["progress_done"]
    progressTotal = row["progress_total"]
    error = row["error"]
    guard
      let known = try? JSONDecoder().decode([String].self, from: Data((row["warnings"] as String).utf8))
    else { throw UnreadableColumn(column: "warnings") }
    warnings = known
  }
}
