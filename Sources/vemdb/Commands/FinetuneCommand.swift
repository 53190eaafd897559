// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Runs

/// `vemdb finetune rat --from multi-tissue@1 --pair ratliver/em,ratliver/mito --slices 18`
struct FinetuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Train on from the weights of a model, on few labels perhaps.",
    discussion: """
      Network, preprocessing, voxel size and classes are those of the model that it begins with. \
      Everything else is as in vemdb train.
      """)

  @OptionGroup var options: TrainingOptions

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp("The model version to begin with, as in multi-tissue@1.", valueName: "model"))
  var source: String

  func run() throws {
    var request = try options.request()
    request.from = source
    try options.perform(request)
  }
}
