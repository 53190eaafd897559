// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs
import VolumeDatabase

/// `vemdb run stop 12`
struct RunStopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Ask a run to stop at its next safe point, from which it can be resumed.")

  @OptionGroup var database: DatabaseOptions

  @Argument(help: ArgumentHelp("The run's number.", valueName: "run"))
  var number: String

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .reading)
    let id = Int64(try RunReference(parsing: number).number)
    _ = try database.catalog.run(id)
    try ActiveRun.requestStop(id, folder: database.layout.runs)
    print("run \(id) stops at its next safe point; go on with vemdb run resume \(id)")
  }
}
