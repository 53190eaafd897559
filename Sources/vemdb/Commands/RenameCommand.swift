// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import VolumeDatabase

/// `vemdb rename ratliver/em ratliver/raw`
struct RenameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename",
    abstract: "Give a dataset, a volume or a model another name.",
    discussion: """
      Its folder moves, and every file that tells the old name to other programs is replaced: above all the \
      path from labels to their image. Lineage goes by UUID and stays. Refused while somebody reads or writes \
      what is renamed, or while a run that was interrupted could be resumed under the old name only; a kill \
      leaves the old name or the new one.
      """)

  @Argument(
    help: ArgumentHelp("A dataset, a volume (dataset/volume) or a model (model:name).", valueName: "old"),
    transform: AnyReference.init(parsing:))
  var old: AnyReference
  @Argument(help: "The new name; a volume stays in its dataset.")
  var new: String
  @Flag(help: "Also if runs that were interrupted can then no longer be resumed.")
  var leaveRuns = false
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    switch old {
    case .version(let version) where version.number != nil:
      throw ValidationError("versions keep their numbers: name the volume, \(version.volume)")
    case .model(let model) where model.number != nil:
      throw ValidationError("versions keep their numbers: name the model, model:\(model.name)")
    case .run: throw ValidationError("runs have numbers, which stay")
    default: break
    }
  }

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    let report = try database.rename(old, to: new, leavesRuns: leaveRuns)
    format.format.print(["old": .string(report.old), "new": .string(report.new)])
    for run in report.strandedRuns {
      StandardError.print(
        "run \(run) was interrupted and names \(report.old): it can be resumed under that name only")
    }
  }
}
