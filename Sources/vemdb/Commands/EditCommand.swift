// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Arrays
import Catalog
import Runs
import VolumeDatabase

/// `vemdb edit ratliver/em --voxel-size 60,8,8nm`
struct EditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit",
    abstract: "Correct a voxel size, or say something else about a dataset, a volume or a model.",
    discussion: """
      Versions never change: another voxel size or origin makes a new version, which shares every shard with \
      the one that it corrects and so takes no room. Labels and predictions of a corrected image are \
      corrected by themselves. What is known of a specimen, and notes, are replaced; "" takes one away.
      """)

  @Argument(
    help: ArgumentHelp(
      "A dataset, a volume or version (dataset/volume@3, default: the latest), or a model (model:name).",
      valueName: "ref"), transform: AnyReference.init(parsing:))
  var reference: AnyReference
  @Option(
    help: ArgumentHelp(
      "Of a volume: distances between voxels with their unit, as in 50,8,8nm.", valueName: "z,y,x"),
    transform: VoxelSize.init(parsing:))
  var voxelSize: VoxelSize?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Of a volume: where the centre of the first voxel is, with the unit, as in 0,1200,800nm.",
      valueName: "z,y,x"),
    transform: Position.init(parsing:))
  var origin: Position?
  @OptionGroup var facts: DatasetCommand.FactOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    let isPlaced = voxelSize != nil || origin != nil
    switch reference {
    case .dataset(let name):
      if isPlaced {
        throw ValidationError("a dataset has no voxel size: name a volume of it, as in \(name)/em")
      }
      if facts.isEmpty {
        throw ValidationError("say what is to change, as in --organism \"Rattus norvegicus\"")
      }
    case .version(let version):
      if facts.isAboutSpecimen {
        throw ValidationError(
          "specimen and imaging belong to the dataset: vemdb edit \(version.volume.dataset)")
      }
      if facts.note != nil && version.number != nil {
        throw ValidationError(
          "a version never changes: vemdb edit \(version.volume) --note … is for all of them")
      }
      if !isPlaced && facts.note == nil {
        throw ValidationError("say what is to change: --voxel-size 50,8,8nm, --origin or --note")
      }
    case .model(let model):
      if isPlaced || facts.isAboutSpecimen || facts.note == nil || model.number != nil {
        throw ValidationError("of a model its note can be changed: vemdb edit model:\(model.name) --note …")
      }
    case .run: throw ValidationError("what a run did never changes")
    }
  }

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    switch reference {
    case .dataset(let name):
      let record = try database.editDataset(name) { facts.applied(to: $0) }
      format.format.print(try OutputRecord(showing: record, in: database.catalog))
    case .version(let version):
      if facts.note != nil { try database.setNote(facts.cleared(facts.note), ofVolume: version.volume) }
      if voxelSize == nil && origin == nil {
        format.format.print(try OutputRecord(showing: try database.volume(version.volume), in: database))
        return
      }
      var edit = EditRun(version)
      edit.voxelSize = voxelSize
      edit.origin = origin?.nanometres
      let outcome = try edit.start(in: database)
      format.format.print(OutputRecord(outcome))
    case .model(let model):
      try database.setNote(facts.cleared(facts.note), ofModel: model.name)
      let version = try database.catalog.modelVersion(nil, ofModel: model.name)
      format.format.print(try OutputRecord(showing: version, in: database.catalog))
    case .run: break
    }
  }
}

extension OutputRecord {
  init(_ outcome: EditRun.Outcome) {
    let version = outcome.version
    self.init()
    add("version", .string(version.reference))
    add("parent", .string(outcome.parent))
    add("voxel_size_nm", .lengths(version.voxelSize.nanometres), text: "\(version.voxelSize)")
    add("origin_nm", .lengths(version.origin))
    add("run", .integer(Int(outcome.runID)))
    if !outcome.behind.isEmpty {
      add(
        "still_as_before", .list(outcome.behind.map { .string($0) }),
        text: outcome.behind.joined(separator: ", "))
    }
  }
}
