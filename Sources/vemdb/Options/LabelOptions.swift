// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Arrays
import Runs
import VolumeDatabase

/// What labels and predictions have besides.
struct LabelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The image that they belong to, as in ratliver/em: gives extent and voxel size.", valueName: "image"),
    transform: VersionReference.init(parsing:))
  var like: VersionReference?
  @Option(
    help: ArgumentHelp(
      "What the values mean: mito=255,er=2, or mito=nonzero. 0 is background; background=128 names more.",
      valueName: "map"),
    transform: ClassMap.init(parsing:))
  var classes: ClassMap
  @Flag(help: "The values are ids of objects of the one class.")
  var instances = false
  @Option(
    help: ArgumentHelp(
      "Distances between voxels where there is no image, with their unit, as in 50,8,8nm.",
      valueName: "z,y,x"),
    transform: VoxelSize.init(parsing:))
  var voxelSize: VoxelSize?

  /// Puts the options into a run.
  func apply(to run: inout IngestRun) {
    run.like = like.map { "\($0)" }
    run.classes = classes
    run.hasInstances = instances
    run.voxelSize = voxelSize
  }
}
