// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs
import VolumeDatabase

/// `vemdb run list`
struct RunListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List all runs.")

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .reading)
    let records = try database.catalog.runs().map { run in
      var record = OutputRecord()
      record.add("run", .integer(Int(run.id)))
      record.add("kind", .string(run.kind.rawValue))
      record.add("state", .string(run.liveState(in: database)))
      record.add("done", .integer(run.progressDone))
      record.add("total", .optional(run.progressTotal))
      let made =
        try database.catalog.versions(madeByRun: run.id).filter { $0.state == .committed }.map(\.reference)
        + database.catalog.modelVersions(madeByRun: run.id).filter { $0.state == .committed }
        .map(\.reference)
      record.add("outputs", .list(made.map { .string($0) }))
      record.add("started", .string(run.startedAt.rawValue))
      record.add("ended", .optional(run.endedAt?.rawValue))
      return record
    }
    format.format.print(records, empty: "no runs yet")
  }
}

extension RunRecord {
  /// How far the run has come, `lost` if nobody works on it although it did not end.
  func liveState(in database: VolumeDatabase) -> String {
    if state == .running && !ActiveRun.isAlive(id, folder: database.layout.runs) && isLost() { return "lost" }
    return state.rawValue
  }
}
