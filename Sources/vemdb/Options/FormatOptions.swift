// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// How a command prints what it found.
///
///     @OptionGroup var format: FormatOptions
struct FormatOptions: ParsableArguments {
  @Option(
    name: .customLong("format"),
    help: ArgumentHelp("How to print: table for people, json or csv for programs.", valueName: "format"))
  var format: OutputFormat = .table
}

/// A way to print records.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case table
  case json
  case csv
}
