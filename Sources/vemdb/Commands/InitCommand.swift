// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import VolumeDatabase

/// `vemdb init`: an empty database.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make an empty database.")

  @Argument(help: ArgumentHelp("The folder to make, as in lab.vemdb.", valueName: "folder"))
  var folder: String

  @Option(
    help: """
      How the catalog keeps transactions safe: wal, or delete for network file systems. (default: by the \
      file system)
      """)
  var journal: Journal?

  /// How the catalog keeps transactions safe.
  enum Journal: String, CaseIterable, ExpressibleByArgument {
    case wal, delete
  }

  func run() throws {
    let database = try VolumeDatabase.create(
      at: folder, journal: journal.flatMap { JournalMode(rawValue: $0.rawValue) })
    print("made \(database.layout.root) (journal: \(database.catalog.journal.rawValue))")
    print("next: vemdb dataset add NAME --database \(database.layout.root)")
  }
}
