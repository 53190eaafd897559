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
      size as ImageJ reads it. PNG holds one slice; with --overlay it shows labels in colour over the image. \
      In place of a version an OME-Zarr image or a Zarr array can be named by its path (./volume.zarr) or by \
      its address (https://…/volume.zarr); of that only what the region touches is fetched.
      """)

  @Argument(
    help: ArgumentHelp(
      "The version: dataset/volume or dataset/volume@3; or the path or address of a Zarr volume.",
      valueName: "ref"))
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

  @Option(help: "Which channel to take of a Zarr volume that has several, from 0.")
  var channel: Int?

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let stop = StopSignals()
    let report = try read(cancellation: stop.flag)
    var record: OutputRecord = [
      "version": .string(report.version), "overlay": .optional(report.overlay),
      "region": .string(report.box.description), "level": .integer(report.level),
    ]
    record.add("shape", .list(report.box.extent.sizes.map { .integer($0) }), text: "\(report.box.extent)")
    record.add(
      "voxel_size_nm", report.voxelSize.map { OutputValue.lengths($0.nanometres) } ?? .null,
      text: report.voxelSize.map { "\($0)" })
    record.add("dtype", .string(report.dataType.rawValue))
    record.add("file", .string(report.path))
    record.add("bytes", .integer(report.byteCount))
    format.format.print(record)
  }

  private func read(cancellation: CancellationFlag) throws -> ReadRun.Report {
    let region = try region.map { try Region(parsing: $0) } ?? .all
    guard !isPlace(version) else {
      if overlay != nil { throw ValidationError("--overlay needs a version of this database") }
      return try ForeignReadRun(version, region: region, level: level, channel: channel, output: output)
        .perform(progress: TerminalProgress(), cancellation: cancellation)
    }
    if channel != nil { throw ValidationError("--channel is for Zarr volumes of other programs") }
    let read = ReadRun(
      try VersionReference(parsing: version), region: region, level: level, output: output,
      overlay: try overlay.map { try VersionReference(parsing: $0) })
    return try read.perform(
      in: try VolumeDatabase(opening: database.folder, access: .reading), progress: TerminalProgress(),
      cancellation: cancellation)
  }
}
