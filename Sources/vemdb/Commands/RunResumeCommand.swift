// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs
import VolumeDatabase

/// `vemdb run resume 12`
struct RunResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Go on with a run that was stopped, failed or killed.",
    discussion: "The result is the one that the run would have had if it had not been interrupted.")

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  @Argument(help: ArgumentHelp("The run's number.", valueName: "run"))
  var number: String

  @Option(
    help: ArgumentHelp(
      "The address of a remote volume with a new signature: those of addresses are not recorded.",
      valueName: "address"))
  var address: String?

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    let id = Int64(try RunReference(parsing: number).number)
    let found = try database.catalog.run(id)
    if found.state == .done {
      // Opening the database has finished the commit that a crash interrupted, or somebody was here before.
      StandardError.print("run \(id) is done: what it made is committed")
      format.format.print(try OutputRecord(showing: found, in: database))
      return
    }
    if address != nil, found.kind != .ingest {
      throw ValidationError("--address is for an ingest from a signed address, and run \(id) is none")
    }
    let stop = StopSignals()
    switch found.kind {
    case .train, .finetune:
      format.format.announce(run: id)
      let outcome = try TrainingRun.resume(
        id, in: database, progress: TerminalProgress(), cancellation: stop.flag)
      format.format.print(outcome.record)
    case .predict:
      format.format.announce(run: id)
      let outcome = try PredictionRun.resume(
        id, in: database, progress: TerminalProgress(), cancellation: stop.flag)
      format.format.print(outcome.record)
    case .instances:
      format.format.announce(run: id)
      let outcome = try InstanceRun.resume(
        id, in: database, progress: TerminalProgress(), cancellation: stop.flag)
      format.format.print(outcome.record)
    case .ingest:
      format.format.announce(run: id)
      let outcome = try IngestRun.resume(
        id, address: address, in: database, progress: TerminalProgress(), cancellation: stop.flag)
      format.format.print(OutputRecord(outcome))
    case .edit:
      format.format.announce(run: id)
      format.format.print(OutputRecord(try EditRun.resume(id, in: database)))
    case .experiment:
      format.format.announce(run: id)
      let outcome = try TransferRun.resume(
        id, in: database, progress: TerminalProgress(), cancellation: stop.flag)
      outcome.print(as: format.format)
    default:
      throw RunError.notResumable(run: id, kind: found.kind.rawValue)
    }
  }
}
