// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `vemdb ingest …`
struct IngestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Make versions of volumes from slices or from Zarr volumes of other programs.",
    discussion: """
      Numbers in the names give the order of slices: 2.png comes before 10.png, and a number that is \
      missing is refused unless --allow-gaps is given. Of an OME-Zarr image (0.5 or 0.4) the finest level \
      is read and the voxel size taken over. What is wrong with files or options is said before \
      anything is written, and nothing is visible before everything is.
      """,
    subcommands: [IngestImageCommand.self, IngestLabelsCommand.self, IngestPredictionCommand.self])
}
