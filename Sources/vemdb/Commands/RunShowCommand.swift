// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import VolumeDatabase

/// `vemdb run show 12`
struct RunShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one run: settings, inputs, outputs, the last of each metric.")

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  @Argument(help: ArgumentHelp("The run's number.", valueName: "run"))
  var number: String

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .reading)
    let catalog = database.catalog
    let found = try catalog.run(Int64(RunReference(parsing: number).number))
    var record = OutputRecord()
    record.add("run", .integer(Int(found.id)))
    record.add("kind", .string(found.kind.rawValue))
    record.add("state", .string(found.liveState(in: database)))
    record.add("done", .integer(found.progressDone))
    record.add("total", .optional(found.progressTotal))
    record.add("command", .optional(found.command))
    record.add("parameters", .string(found.parameters))
    record.add("seed", .optional(found.seed.map { String($0) }))
    record.add("inputs", .list(try inputs(of: found.id, catalog).map { .string($0) }))
    let made =
      try catalog.versions(madeByRun: found.id).map { "\($0.reference) (\($0.state.rawValue))" }
      + catalog.modelVersions(madeByRun: found.id).map { "\($0.reference) (\($0.state.rawValue))" }
    record.add("outputs", .list(made.map { .string($0) }))
    var metrics = OutputRecord()
    var last: [String: MetricPoint] = [:]
    for point in try catalog.metrics(ofRun: found.id) { last[point.name] = point }
    for name in last.keys.sorted() {
      guard let point = last[name] else { continue }
      metrics.add(name, .number(point.value), text: "\(point.value) at step \(point.step)")
    }
    record.add("metrics", .object(metrics))
    record.add("program", .string(found.programVersion))
    record.add("host", .string(found.host))
    record.add("cpu", .string(found.cpu))
    record.add("started", .string(found.startedAt.rawValue))
    record.add("heartbeat_at", .string(found.heartbeatAt.rawValue))
    record.add("ended", .optional(found.endedAt?.rawValue))
    record.add("error", .optional(found.error))
    record.add("warnings", .list(found.warnings.map { .string($0) }))
    record.add("folder", .string("\(database.layout.runs)/\(found.id)"))
    format.format.print(record)
  }

  private func inputs(of run: Int64, _ catalog: Catalog) throws -> [String] {
    try catalog.inputs(ofRun: run).map { input in
      switch input.source {
      case .version(let id): "\(input.role) \(try catalog.version(id).reference)"
      case .modelVersion(let id): "\(input.role) \(try catalog.modelVersion(id).reference)"
      }
    }
  }
}
