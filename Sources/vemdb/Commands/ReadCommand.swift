// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Arrays
import Runs
import VolumeDatabase

/// `vemdb read`: voxels of a region to a file.
struct ReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Write the voxels of a region to a TIFF, NPY or PNG file.",
    discussion: """
      The file's ending chooses the format. Voxels are written as they are stored; TIFF carries the voxel \
      size as ImageJ reads it. PNG holds one slice; with --overlay it shows labels in colour over the image.
      """)

  @Argument(help: ArgumentHelp("The version: dataset/volume or dataset/volume@3.", valueName: "ref"))
  var version: String

  @Option(help: "What to read, as in z=18:36,y=0:1000 or z=900nm:1800nm. (default: all of it)")
  var region: String?

  @Option(help: "The scale level, 0 being the full resolution.")
  var level = 0

  @Option(
    name: [.customLong("output"), .customShort("o")],
    help: ArgumentHelp("The file to write: .tif, .npy or .png.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("Labels or a prediction to draw over the image.", valueName: "ref"))
  var overlay: String?

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let read = ReadRun(
      try VersionReference(parsing: version), region: try region.map { try Region(parsing: $0) } ?? .all,
      level: level, output: output, overlay: try overlay.map { try VersionReference(parsing: $0) })
    let stop = StopSignals()
    let report = try read.perform(
      in: try VolumeDatabase(opening: database.folder, access: .reading), progress: TerminalProgress(),
      cancellation: stop.flag)
    var record: OutputRecord = [
      "version": .string(report.version), "overlay": .optional(report.overlay),
      "region": .string(report.box.description), "level": .integer(report.level),
    ]
    record.add("shape", .list(report.box.extent.sizes.map { .integer($0) }), text: "\(report.box.extent)")
    record.add(
      "voxel_size_nm", .list(report.voxelSize.nanometres.map { .number($0) }), text: "\(report.voxelSize)")
    record.add("dtype", .string(report.dataType.rawValue))
    record.add("file", .string(report.path))
    record.add("bytes", .integer(report.byteCount))
    format.format.print(record)
  }
}
