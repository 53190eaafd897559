// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// Where a command finds its database.
///
///     @OptionGroup var database: DatabaseOptions
struct DatabaseOptions: ParsableArguments {
  @Option(
    name: [.customLong("database"), .customShort("d")],
    help: ArgumentHelp(
      "The database's folder. (default: $VEMDB_DATABASE, else the current folder)", valueName: "folder"))
  var path: String?

  /// The folder: the option, else the variable where it is not empty, else the current folder.
  var folder: String {
    if let path { return path }
    let named = ProcessInfo.processInfo.environment["VEMDB_DATABASE"] ?? ""
    return named.isEmpty ? FileManager.default.currentDirectoryPath : named
  }
}
