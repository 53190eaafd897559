// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Foundation
import Runs
import VolumeDatabase

/// `vemdb run show 12`, `vemdb run show 12 13 --plot curves.svg`
struct RunShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show runs: settings, inputs, outputs, the last of each metric; or draw their curves.")

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  @Argument(help: ArgumentHelp("The run's number; several to be drawn over each other.", valueName: "run"))
  var numbers: [String]

  @Flag(help: "Print the settings of a training as a recipe for vemdb train --recipe, and nothing else.")
  var recipe = false

  @Option(
    help: ArgumentHelp(
      "Draw loss, validation and learning rate over the steps into this SVG file.", valueName: "file"))
  var plot: String?

  func validate() throws {
    if numbers.count > 1 && recipe { throw ValidationError("--recipe goes with one run") }
  }

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .reading)
    let found = try numbers.map { try database.catalog.run(Int64(RunReference(parsing: $0).number)) }
    if recipe {
      guard [.train, .finetune].contains(found[0].kind) else {
        throw ValidationError("run \(found[0].id) is of kind \(found[0].kind.rawValue), which has no recipe")
      }
      print(Recipe(of: try TrainingRequest(recorded: found[0].parameters)).yaml, terminator: "")
      return
    }
    if let plot {
      let runs = try found.map { (run: $0.id, points: try database.catalog.metrics(ofRun: $0.id)) }
      guard let chart = LineChart(ofRuns: runs) else {
        throw ValidationError("no metrics to draw: runs of kind train and finetune have some")
      }
      try Data(chart.svg.utf8).write(to: URL(fileURLWithPath: plot), options: .atomic)
      StandardError.print("curves of \(chart.title.dropFirst("vemdb ".count)) are in \(plot)")
      return
    }
    let records = try found.map { try record(of: $0, in: database) }
    if records.count > 1 && format.format != .table {
      format.format.print(records, empty: "")
      return
    }
    for (number, record) in records.enumerated() {
      if number > 0 { print() }
      format.format.print(record)
    }
  }

  private func record(of found: RunRecord, in database: VolumeDatabase) throws -> OutputRecord {
    let catalog = database.catalog
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
    return record
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
