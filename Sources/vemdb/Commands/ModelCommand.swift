// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `vemdb model …`
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "List and show models, bring them in and take them out.",
    subcommands: [
      ModelListCommand.self, ModelShowCommand.self, ModelImportCommand.self, ModelExportCommand.self,
    ])
}
