// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Runs
import VolumeDatabase

/// `vemdb repair`
struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Rebuild from the files what the catalog lacks, or all of a lost catalog.",
    discussion: """
      Rows, statistics and objects that are missing are made anew from the files, and descriptions that are \
      missing from the catalog. A lost catalog.sqlite is rebuilt entirely: datasets, volumes, versions, \
      classes, coverage, splits, models, runs, scores and lineage. Voxels are never touched: a shard that is \
      missing or altered must come from a backup (see vemdb verify). Exit code 1 says that something could \
      not be repaired.
      """)

  @Option(
    help: ArgumentHelp("How many threads look at voxels. (default: one a core)", valueName: "number"))
  var threads: Int?
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be 1 or more") }
  }

  func run() throws {
    let count = threads ?? ProcessInfo.processInfo.activeProcessorCount
    let stop = StopSignals()
    let flag = stop.flag
    let progress = TerminalProgress()
    let stage = ProgressTotal()
    @Sendable func advance(_ done: Int, _ total: Int) throws {
      if stage.begins { progress.begin(ProgressStage("repairing", total: total >> 20, unit: "MiB")) }
      progress.advance(to: done >> 20)
      try flag.check()
    }
    let report: RepairReport
    if let opened = try opened() {
      report = try opened.repair(threads: count, progress: advance)
    } else {
      report = try VolumeDatabase.rebuild(at: database.folder, threads: count, progress: advance)
    }
    progress.end()
    withExtendedLifetime(stop) {}
    let records = report.entries.map { entry -> OutputRecord in
      [
        "what": .string(entry.what), "state": .string(entry.isDone ? "repaired" : "not repaired"),
        "action": .string(entry.action),
      ]
    }
    format.format.print(records, empty: "nothing to repair")
    if !report.isComplete {
      StandardError.print("vemdb: not everything could be repaired; see the list, and vemdb verify")
      throw ExitCode(1)
    }
  }

  /// The database, unless its catalog is lost.
  private func opened() throws -> VolumeDatabase? {
    do throws(DatabaseError) {
      return try VolumeDatabase(opening: database.folder, access: .writing)
    } catch .noCatalog {
      return nil
    }
  }
}
