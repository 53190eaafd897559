// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs
import VolumeDatabase

/// `vemdb show ratliver/em@1`
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print everything that is known of one thing.",
    discussion: """
      Of a volume without a number, its versions, splits and tags as well as its latest version. JSON also has \
      the histogram of values and the files that a version was made from. Of a Zarr volume of another program, \
      named by its path (./volume.zarr) or its address (https://…), what its metadata say.
      """)

  @Argument(
    help: ArgumentHelp(
      """
      A dataset, a volume or version (dataset/volume@3), a model (model:name@2), a run (run:12), or the path or \
      address of a Zarr volume.
      """, valueName: "ref"), transform: ShownReference.init(parsing:))
  var reference: ShownReference
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    guard case .stored(let reference) = reference else {
      if case .place(let place) = reference {
        format.format.print(OutputRecord(showing: try ForeignVolumeFacts(of: place)))
      }
      return
    }
    let database = try VolumeDatabase(opening: database.folder, access: .reading)
    let catalog = database.catalog
    let record =
      switch reference {
      case .dataset(let name):
        try OutputRecord(showing: try catalog.dataset(named: name), in: catalog)
      case .version(let reference) where reference.number == nil:
        try OutputRecord(showing: try database.volume(reference.volume), in: database)
      case .version(let reference):
        try OutputRecord(showing: try database.record(reference), in: database)
      case .model(let reference):
        try OutputRecord(
          showing: try catalog.modelVersion(reference.number, ofModel: reference.name), in: catalog)
      case .run(let reference):
        try OutputRecord(showing: try catalog.run(Int64(reference.number)), in: database)
      }
    format.format.print(record)
  }
}

/// Something in the database, or a Zarr volume elsewhere.
enum ShownReference: Hashable, Sendable {
  case stored(AnyReference)
  case place(String)

  init(parsing text: String) throws {
    self = isPlace(text) ? .place(text) : .stored(try AnyReference(parsing: text))
  }
}
