// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Arrays
import Catalog
import Runs
import VolumeDatabase

/// `vemdb model import rsunet.pth --as seed --class mito --voxel-size 50,28,28nm`
struct ModelImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a model of a PyTorch or safetensors file.",
    discussion: """
      No code in the file is ever run. What was loaded, what is missing and what did not fit is printed; a \
      file of which nothing fits is refused.
      """)

  @OptionGroup var database: DatabaseOptions

  @Argument(help: ArgumentHelp("A .pth, .pt or .safetensors file.", valueName: "file"))
  var file: String

  @Option(name: .customLong("as"), help: ArgumentHelp("The model that gets a version.", valueName: "model"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "The kind of network: rsunet, unet2d, or a model.json that describes one.", valueName: "name"))
  var architecture = "rsunet"

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "What the network finds; several where it has several logits. (default: foreground)",
      valueName: "class"))
  var classes: [String] = []

  @Option(
    help: ArgumentHelp(
      "The voxel size at which it was trained, as in 50,28,28nm. (default: that of each image)",
      valueName: "z,y,x"),
    transform: VoxelSize.init(parsing:))
  var voxelSize: VoxelSize?

  @Option(
    help: ArgumentHelp(
      "The patches on which it was trained, in voxels. (default: 18,160,160, or 1,256,256 for unet2d)",
      valueName: "z,y,x"))
  var patch: String?

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    var request = ModelImport.Request(
      file: file, model: model, classes: classes, voxelSize: voxelSize)
    request.architecture = architecture
    request.patch = try patch.map(TrainingOptions.patch)
    let (version, report) = try ModelImport.perform(request, in: database)
    print(report)
    print("made \(version.reference)")
  }
}
