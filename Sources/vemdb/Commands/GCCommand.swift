// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import VolumeDatabase

/// `vemdb gc`: removes what was begun and never committed.
struct GCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Remove what a crash left: versions that were begun and never committed.",
    discussion: """
      What a living process writes is left alone, and so is work whose run can still be resumed, unless \
      --unfinished is given.
      """)

  @Flag(help: "Only say what would be removed.")
  var dryRun = false

  @Flag(help: "Also remove work whose run could still be resumed.")
  var unfinished = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    let garbage = try database.garbage()
    var records = garbage.versions.map { record($0.reference, $0.runID, isRemoved: true) }
    records += garbage.resumable.map { record($0.reference, $0.runID, isRemoved: unfinished) }
    records += garbage.strays.map { record($0, nil, isRemoved: true) }
    if !dryRun { try database.remove(garbage, andResumable: unfinished) }
    format.format.print(records, empty: "nothing to remove")
  }

  private func record(_ what: String, _ run: Int64?, isRemoved: Bool) -> OutputRecord {
    [
      "what": .string(what), "run": .optional(run.map { Int($0) }),
      "action": .string(
        !isRemoved ? "kept: its run can be resumed" : dryRun ? "would be removed" : "removed"),
    ]
  }
}
