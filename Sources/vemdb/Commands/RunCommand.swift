// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `vemdb run …`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "List and show runs, go on with one, stop one.",
    subcommands: [
      RunListCommand.self, RunShowCommand.self, RunResumeCommand.self, RunStopCommand.self,
    ])
}
