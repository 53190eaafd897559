// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `vemdb experiment …`
struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment", abstract: "Compare ways of training, each repeated, with all runs kept.",
    subcommands: [ExperimentTransferCommand.self])
}
