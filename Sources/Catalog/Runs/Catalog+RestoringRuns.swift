// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import GRDB

extension Catalog {
  /// Enters a run as its file says, under its number.
  public func restoreRun(_ run: RunRecord) throws(CatalogError) {
    try write { database in
      let warnings = String(decoding: try JSONEncoder().encode(run.warnings), as: UTF8.self)
      let head: StatementArguments = [
        run.id, run.uuid, run.kind.rawValue, run.state.rawValue, run.command, run.parameters,
        run.seed.map(Int64.init(bitPattern:)), run.programVersion, run.host, run.cpu, run.processID,
      ]
      let tail: StatementArguments = [
        run.startedAt.rawValue, run.heartbeatAt.rawValue, run.endedAt?.rawValue, run.progressDone,
        run.progressTotal, run.error, warnings,
      ]
      try database.execute(
        sql: """
          INSERT INTO run (id, uuid, kind, state, command, parameters, seed, program_version, host, cpu,
            process_id, started_at, heartbeat_at, ended_at, progress_done, progress_total, error, warnings)
          VALUES (\(Array(repeating: "?", count: 18).joined(separator: ", ")))
          """, arguments: head + tail)
    }
  }
}
