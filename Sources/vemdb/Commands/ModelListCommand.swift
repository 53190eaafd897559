// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import VolumeDatabase

/// `vemdb model list`
struct ModelListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the versions of all models.")

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let catalog = try VolumeDatabase(opening: database.folder, access: .reading).catalog
    let parents = Dictionary(
      uniqueKeysWithValues: try catalog.modelVersions().map { ($0.id, $0.reference) })
    let records = try catalog.modelVersions().map { version in
      var record = OutputRecord()
      record.add("ref", .string(version.reference))
      record.add("architecture", .string(version.architecture))
      record.add("classes", .list(version.classes.map { .string($0) }))
      record.add("parameters", .integer(version.parameterCount))
      record.add("parent", .optional(version.parentID.flatMap { parents[$0] }))
      record.add("run", .optional(version.runID.map { Int($0) }))
      record.add("created_at", .string(version.createdAt.rawValue))
      return record
    }
    format.format.print(records, empty: "no models yet: see vemdb train and vemdb model import")
  }
}
