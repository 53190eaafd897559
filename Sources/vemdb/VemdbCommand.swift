// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct VemdbCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vemdb",
    abstract: "A chunked volume database with compute for volume electron microscopy.")
}
