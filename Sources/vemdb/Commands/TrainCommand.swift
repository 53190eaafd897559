// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Arrays
import Runs

/// `vemdb train multi-tissue --pair epfl/em,epfl/mito --pair sbem/em,sbem/mito --class mito`
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network on one or more pairs of an image and its labels.",
    discussion: """
      Name pairs and a class, and the rest is chosen: voxel size, patch, loss, learning rate. Where the \
      labels are split (see vemdb split), only the training part is learned from and the best weights on \
      the validation part are kept; else all labels are learned from and the last weights are kept. A \
      training that was stopped or killed goes on with vemdb run resume.
      """)

  @OptionGroup var options: TrainingOptions

  @Option(
    help: ArgumentHelp(
      "The kind of network: rsunet, unet2d for single sections, or a model.json that describes one. (default: rsunet)",
      valueName: "name"))
  var architecture: String?

  @Option(
    help: ArgumentHelp(
      """
      Its widths: fast (16, 32, 48, 64, 80; unet2d 16, 32, 64, 128, 256) or published (28, 36, 48, 64, 80; \
      unet2d 64, 128, 256, 512, 1024). (default: fast)
      """,
      valueName: "name"))
  var preset: TrainingRequest.Preset?

  @Option(
    help: ArgumentHelp(
      "The voxel size at which the network works, as in 40,8,8nm. (default: chosen from the pairs)",
      valueName: "z,y,x"),
    transform: VoxelSize.init(parsing:))
  var voxelSize: VoxelSize?

  func run() throws {
    var recipe = try options.settled()
    if let architecture { recipe.request.architecture = architecture }
    if let preset { recipe.request.preset = preset }
    if let voxelSize { recipe.request.voxelSize = voxelSize }
    try options.perform(recipe)
  }
}
