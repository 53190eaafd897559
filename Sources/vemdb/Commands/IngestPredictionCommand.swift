// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs

/// `vemdb ingest prediction ratliver/mitonet slices/ --like ratliver/em --classes mito=1`
struct IngestPredictionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prediction", abstract: "Make a prediction volume of slices that another program segmented.")

  @OptionGroup var options: IngestOptions
  @OptionGroup var labels: LabelOptions
  @Option(help: "Which model made it, with which settings.")
  var modelNote: String?

  func run() throws {
    var run = options.run(.prediction)
    labels.apply(to: &run)
    run.note = modelNote
    try options.perform(run)
  }
}
