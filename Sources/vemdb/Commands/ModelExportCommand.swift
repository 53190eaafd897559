// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs
import VolumeDatabase

/// `vemdb model export multi-tissue@1 -o multi-tissue.safetensors`
struct ModelExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model's weights to a safetensors file, its description in the metadata.")

  @OptionGroup var database: DatabaseOptions

  @Argument(help: ArgumentHelp("As in multi-tissue@1, or without number for the latest.", valueName: "model"))
  var model: String

  @Option(name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "file"))
  var output: String

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .reading)
    let reference = try ModelReference(parsing: model)
    try ModelStore.export(reference, to: output, in: database)
    print("wrote \(try database.modelVersion(reference).reference) to \(output)")
  }
}
