// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Runs
import VolumeDatabase

/// `vemdb backup /mnt/archive/lab.vemdb`
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Make a second database of all that is committed, while others go on working.",
    discussion: """
      On the same file system shards become hard links, which cost nothing and guard against mistakes but not \
      against a broken disk; on another they are copied. What is still being written is left out. The result \
      is a database like any other: see vemdb verify --database DESTINATION.
      """)

  @Argument(help: ArgumentHelp("A folder that does not exist or is empty.", valueName: "destination"))
  var destination: String
  @Flag(help: "Copy shards even where they could be linked.")
  var copy = false
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    let path = URL(fileURLWithPath: destination).standardizedFileURL.path
    let stop = StopSignals()
    let progress = TerminalProgress()
    let stage = ProgressTotal()
    let report = try database.backUp(to: path, linking: !copy) { done, total in
      if stage.begins { progress.begin(ProgressStage("backing up", total: total, unit: "versions")) }
      progress.advance(to: done)
      try stop.flag.check()
    }
    progress.end()
    format.format.print([
      "backup": .string(path), "versions": .integer(report.versions), "models": .integer(report.models),
      "linked_files": .integer(report.linkedFiles), "cloned_files": .integer(report.clonedFiles),
      "copied_files": .integer(report.copiedFiles), "copied_bytes": .integer(report.copiedBytes),
    ])
  }
}
