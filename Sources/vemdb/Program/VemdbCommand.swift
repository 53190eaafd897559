// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Runs

/// The root of all commands. Each command is a file in `Commands/` and a line here.
struct VemdbCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vemdb",
    abstract: "A chunked volume database with compute for volume electron microscopy.",
    discussion: """
      Keeps images, labels and predictions as plain OME-Zarr with a catalog of what they are and where \
      they came from, and trains and runs 3-D networks right over them.

      A volume is dataset/volume, a version of it dataset/volume@3 (default: the latest), a model model:name. \
      A region is z=18:36,y=0:1000,x=0:1000, half-open, in voxels or with a unit; an axis left out means \
      all of it.

      Every command finds its database from --database, else $VEMDB_DATABASE, else the current folder. \
      Exit codes: 0 done, 1 failed, 2 wrong use.
      """,
    version: ProgramVersion.line,
    groupedSubcommands: [
      CommandGroup(
        name: "Setting up",
        subcommands: [
          InitCommand.self,
          DatasetCommand.self,
          DemoCommand.self,
        ]),
      CommandGroup(
        name: "Volumes",
        subcommands: [
          IngestCommand.self,
          SplitCommand.self,
          ListCommand.self,
          ShowCommand.self,
          LogCommand.self,
          QueryCommand.self,
          ReadCommand.self,
        ]),
      CommandGroup(
        name: "Networks",
        subcommands: [
          TrainCommand.self,
          FinetuneCommand.self,
          PredictCommand.self,
          InstancesCommand.self,
          EvaluateCommand.self,
          CompareCommand.self,
          ExperimentCommand.self,
          ModelCommand.self,
          RunCommand.self,
        ]),
      CommandGroup(
        name: "Upkeep",
        subcommands: [
          VerifyCommand.self,
          RepairCommand.self,
          EditCommand.self,
          RenameCommand.self,
          RetireCommand.self,
          GCCommand.self,
          BackupCommand.self,
        ]),
    ])
}
