// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs

/// `vemdb ingest labels ratliver/mito labels/ --like ratliver/em --at z=18 --classes mito=255`
struct IngestLabelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "labels", abstract: "Make a label volume of slices that people annotated.")

  @OptionGroup var options: IngestOptions
  @OptionGroup var labels: LabelOptions
  @Option(help: "Anything to be remembered with the version.")
  var note: String?

  func run() throws {
    var run = options.run(.label)
    labels.apply(to: &run)
    run.note = note
    try options.perform(run)
  }
}
