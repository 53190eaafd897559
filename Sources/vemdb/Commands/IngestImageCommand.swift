// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs
import Arrays

/// `vemdb ingest image ratliver/em slices/ --voxel-size 50,8,8nm`
struct IngestImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image", abstract: "Make an image volume of gray slices.")

  @OptionGroup var options: IngestOptions
  @Option(
    help: ArgumentHelp(
      "Distances between voxels with their unit, as in 50,8,8nm. (default: what the files say)",
      valueName: "z,y,x"),
    transform: VoxelSize.init(parsing:))
  var voxelSize: VoxelSize?
  @Option(help: "Anything to be remembered with the version.")
  var note: String?

  func run() throws {
    var run = options.run(.image)
    run.voxelSize = voxelSize
    run.note = note
    try options.perform(run)
  }
}
