// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Arrays
import Catalog
import Networks
import Runs
import VolumeDatabase

/// `vemdb model show multi-tissue@1`
struct ModelShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one version of a model.")

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  @Argument(help: ArgumentHelp("As in multi-tissue@1, or without number for the latest.", valueName: "model"))
  var model: String

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .reading)
    let (version, description, weights) = try ModelStore.open(
      ModelReference(parsing: model), in: database)
    var record = OutputRecord()
    record.add("ref", .string(version.reference))
    record.add("architecture", .string(version.architecture))
    record.add("classes", .list(version.classes.map { .string($0) }))
    record.add("parameters", .integer(version.parameterCount))
    record.add("tensors", .integer(weights.count))
    if let size = description.preprocessing.voxelSize {
      record.add("voxel_size_nm", .lengths(size.nanometres), text: "\(size)")
    }
    record.add("patch", .list((description.patch ?? []).map { .integer($0) }))
    record.add(
      "parent", .optional(try version.parentID.map { try database.catalog.modelVersion($0).reference }))
    record.add("run", .optional(version.runID.map { Int($0) }))
    record.add("weights_hash", .optional(version.weightsHash))
    record.add("bytes", .optional(version.byteCount))
    for (key, value) in description.training.sorted(by: { $0.key < $1.key }) {
      record.add("training_\(key)", .string(value))
    }
    record.add("note", .optional(version.note))
    record.add("folder", .string(database.folder(of: version)))
    record.add("created_at", .string(version.createdAt.rawValue))
    format.format.print(record)
  }
}
