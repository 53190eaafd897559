// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Runs

/// `vemdb finetune rat --from multi-tissue@1 --pair ratliver/em,ratliver/mito --slices 18`
struct FinetuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Train on from the weights of a model, on few labels perhaps.",
    discussion: """
      Network, preprocessing, voxel size and classes are those of the model that it begins with, unless \
      --new-head asks for other classes. \
      Everything else is as in vemdb train.
      """)

  @OptionGroup var options: TrainingOptions

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "The model version to begin with, as in multi-tissue@1; the recipe may name it.", valueName: "model"))
  var source: String?

  @Flag(help: "Find other classes than the model: their logits begin at random, those in common are kept.")
  var newHead = false

  func run() throws {
    var recipe = try options.settled()
    if let source { recipe.request.from = source }
    if newHead { recipe.request.newHead = true }
    guard recipe.request.from != nil else {
      throw ValidationError("--from: name the model version to begin with, as in multi-tissue@1")
    }
    try options.perform(recipe)
  }
}
