// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import VolumeDatabase

/// `vemdb gc`: removes what was begun and never committed, and the files of retired versions.
struct GCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Remove what a crash left, and the files of retired versions.",
    discussion: """
      What a living process writes is left alone, and so is work whose run can still be resumed, unless \
      --unfinished is given. Of a retired version only those shards go that no other version shares; its \
      number and its place in the lineage stay. A version that somebody is reading stays until the next time.
      """)

  @Flag(help: "Only say what would be removed, and how much room that makes.")
  var dryRun = false

  @Flag(help: "Also remove work whose run could still be resumed.")
  var unfinished = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    let garbage = try database.garbage()
    let gone = dryRun ? nil : try database.remove(garbage, andResumable: unfinished)
    var records = garbage.versions.map { record($0.reference, $0.runID, removal) }
    records += garbage.resumable.map {
      record($0.reference, $0.runID, unfinished ? removal : "kept: its run can be resumed")
    }
    records += (garbage.strays + garbage.leftovers).map { record($0, nil, removal) }
    records += garbage.resumableLeftovers.map {
      record($0.path, $0.run, unfinished ? removal : "kept: its run can be resumed")
    }
    records += garbage.retired.map { version in
      let isKept = gone.map { !$0.contains(version.reference) } ?? false
      return record(version.reference, version.runID, isKept ? "kept: somebody reads it" : removal)
    }
    format.format.print(records, empty: "nothing to remove")
    if !garbage.retired.isEmpty {
      StandardError.print(
        "retired versions: \(bytesText(garbage.retiredBytes)) in files, of which "
          + "\(bytesText(garbage.freedBytes)) \(dryRun ? "would be" : "are") freed and the rest is shared")
    }
  }

  private var removal: String { dryRun ? "would be removed" : "removed" }

  private func record(_ what: String, _ run: Int64?, _ action: String) -> OutputRecord {
    ["what": .string(what), "run": .optional(run.map { Int($0) }), "action": .string(action)]
  }
}
