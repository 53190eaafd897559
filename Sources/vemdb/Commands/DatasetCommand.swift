// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import VolumeDatabase

/// `vemdb dataset`: what specimens there are.
struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset", abstract: "Add a dataset, or say more about one.",
    subcommands: [Add.self, Edit.self])

  /// What is known about a specimen.
  struct FactOptions: ParsableArguments {
    @Option(help: "The species, as in \"Rattus norvegicus\".")
    var organism: String?
    @Option(help: "The tissue, as in liver.")
    var tissue: String?
    @Option(help: "How it was imaged, as in SBF-SEM.")
    var modality: String?
    @Option(help: "The microscope.")
    var instrument: String?
    @Option(help: "Under what the data may be used.")
    var licence: String?
    @Option(help: "What to cite.")
    var citation: String?
    @Option(help: "Anything else.")
    var note: String?

    /// Whether nothing was given.
    var isEmpty: Bool { note == nil && !isAboutSpecimen }

    /// Whether anything but the note was given.
    var isAboutSpecimen: Bool {
      [organism, tissue, modality, instrument, licence, citation].contains { $0 != nil }
    }

    /// A fact as it is stored: an empty one is none.
    func cleared(_ fact: String?) -> String? { fact == "" ? nil : fact }

    /// The facts with those that were given put in.
    func applied(to facts: DatasetFacts) -> DatasetFacts {
      DatasetFacts(
        organism: cleared(organism ?? facts.organism), tissue: cleared(tissue ?? facts.tissue),
        modality: cleared(modality ?? facts.modality), instrument: cleared(instrument ?? facts.instrument),
        licence: cleared(licence ?? facts.licence), citation: cleared(citation ?? facts.citation),
        note: cleared(note ?? facts.note))
    }
  }

  /// `vemdb dataset add`.
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "add", abstract: "Add a dataset: one specimen, its volumes to come.")

    @Argument(help: "The name, as in ratliver.")
    var name: String
    @OptionGroup var facts: FactOptions
    @OptionGroup var database: DatabaseOptions

    func run() throws {
      let database = try VolumeDatabase(opening: database.folder, access: .writing)
      let record = try database.addDataset(name, facts.applied(to: DatasetFacts()))
      print("added dataset \(record.name)")
    }
  }

  /// `vemdb dataset edit`.
  struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "edit", abstract: "Say more, or something else, about a dataset.")

    @Argument(help: "The name of the dataset.")
    var name: String
    @OptionGroup var facts: FactOptions
    @OptionGroup var database: DatabaseOptions

    func run() throws {
      let database = try VolumeDatabase(opening: database.folder, access: .writing)
      let record = try database.editDataset(name) { facts.applied(to: $0) }
      print("changed dataset \(record.name)")
    }
  }
}
