// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Arrays
import Catalog
import VolumeDatabase

/// `vemdb list`, `vemdb list versions ratliver/em`
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List what is there.",
    discussion: """
      Without arguments, every volume with its latest version. Retired versions and those that are still being \
      written are listed with --all.
      """)

  /// What can be listed.
  enum Noun: String, CaseIterable, ExpressibleByArgument {
    case datasets, volumes, versions, classes, models, runs, scores
  }

  @Argument(
    help: "What to list: datasets, volumes, versions, classes, models, runs or scores.")
  var noun: Noun = .volumes
  @Argument(
    help: ArgumentHelp(
      "Only of this dataset; of versions and scores, also of this volume.", valueName: "dataset or volume"),
    transform: AnyReference.init(parsing:))
  var subject: AnyReference?
  @Flag(help: "Also versions that are retired or not committed yet.")
  var all = false
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .reading)
    let records = try records(in: database)
    format.format.print(records, empty: "no \(noun.rawValue) yet" + (try nextStep(in: database)))
  }

  /// What a person with no volumes does next.
  private func nextStep(in database: VolumeDatabase) throws -> String {
    guard noun == .volumes || noun == .datasets else { return "" }
    let wanted = try dataset(in: database.catalog)
    guard let name = try database.catalog.datasets().first(where: { wanted == nil || $0.id == wanted })?.name
    else { return "; next: vemdb dataset add NAME" }
    return "; next: vemdb ingest image \(name)/em FILES --voxel-size 50,8,8nm"
  }

  private func records(in database: VolumeDatabase) throws -> [OutputRecord] {
    let catalog = database.catalog
    switch noun {
    case .datasets: return try catalog.datasets().map { try OutputRecord(listing: $0, in: catalog) }
    case .volumes:
      return try catalog.volumes(ofDataset: try dataset(in: catalog)).map {
        OutputRecord(listing: $0, latest: try catalog.latestVersion(ofVolume: $0.id))
      }
    case .versions: return try versions(in: database).map { try OutputRecord(listing: $0, in: catalog) }
    case .classes: return try catalog.classes().map(OutputRecord.init(listing:))
    case .models:
      return try catalog.modelVersions(states: all ? Set(VersionState.allCases) : [.committed])
        .map(OutputRecord.init(listing:))
    case .runs: return try catalog.runs().map { OutputRecord(listing: $0, in: database) }
    case .scores:
      let wanted = Set(try versions(in: database).map(\.id))
      return try catalog.evaluations().filter { subject == nil || wanted.contains($0.predictionID) }
        .map { try OutputRecord(listing: $0, in: catalog) }
    }
  }

  private func dataset(in catalog: Catalog) throws -> Int64? {
    switch subject {
    case nil: nil
    case .dataset(let name): try catalog.dataset(named: name).id
    case .version(let reference): try catalog.dataset(named: reference.volume.dataset).id
    case .model, .run:
      throw ValidationError("\(noun.rawValue) are listed of a dataset or a volume, not of a model or a run")
    }
  }

  private func versions(in database: VolumeDatabase) throws -> [VersionRecord] {
    let states: Set<VersionState> = all ? Set(VersionState.allCases) : [.committed]
    if case .version(let reference) = subject {
      let volume = try database.volume(reference.volume)
      return try database.catalog.versions(ofVolume: volume.id, states: states).filter {
        reference.number == nil || reference.number == $0.number
      }
    }
    return try database.catalog.versions(ofDataset: try dataset(in: database.catalog), states: states)
  }
}
