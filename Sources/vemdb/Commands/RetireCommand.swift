// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import VolumeDatabase

/// `vemdb retire ratliver/mito@2`
struct RetireCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire",
    abstract: "Take a version out of sight.",
    discussion: """
      Lists and queries pass it over and it is no volume's latest version any more; the lineage of what was \
      made from it still names it, and its number is never given again. Its files stay until vemdb gc removes \
      those that no other version shares; until then --undo brings it back.
      """)

  @Argument(
    help: ArgumentHelp("The version, with its number: dataset/volume@3.", valueName: "version"),
    transform: VersionReference.init(parsing:))
  var version: VersionReference
  @Flag(help: "Bring a retired version back.")
  var undo = false
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if version.number == nil {
      throw ValidationError("say which version: vemdb retire \(version.volume)@1 (see vemdb list versions)")
    }
  }

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    let record = try database.setRetired(!undo, version)
    format.format.print(["ref": .string(record.reference), "state": .string(record.state.rawValue)])
  }
}
