// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs
import Segmentation
import VolumeDatabase

/// What is scored, and how.
struct ScoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Labels that it is scored against.", valueName: "labels"),
    transform: VersionReference.init(parsing:))
  var against: VersionReference
  @Option(
    help: ArgumentHelp(
      "Only this part, as in x=704:1024, counted in voxels of the labels.", valueName: "region"))
  var region: String?
  @Option(
    name: .customLong("split"),
    help: ArgumentHelp(
      "Only this part of the labels' split: train, validation or test.", valueName: "part"),
    transform: part(named:))
  var part: SplitPart?
  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "Only this class, or PREDICTION=TRUTH where names differ. (default: every class that both have)",
      valueName: "class"))
  var className: String?
  @Option(help: ArgumentHelp("Above which probability a voxel belongs to the class.", valueName: "number"))
  var threshold = 0.5
  @Option(
    help: ArgumentHelp(
      "Which voxels are neighbours in objects of classes: 6, 18 or 26. (default: 6)", valueName: "count"),
    transform: Connectivity.init(neighbours:))
  var connectivity = Connectivity.faces
  @Flag(help: "Score each slice for itself.")
  var perSlice = false
  @Flag(help: "Leave out objects and boundaries.")
  var voxelsOnly = false
  @Option(
    help: ArgumentHelp(
      "How often columns of 1 µm are drawn for 95 % intervals. (default: no intervals)",
      valueName: "number"))
  var bootstrap: Int?
  @Option(help: ArgumentHelp("What the draws derive from.", valueName: "number"))
  var seed: UInt64 = 1
  @Option(
    help: ArgumentHelp(
      "Up to which distance boundaries are told apart, in nm; 0 leaves them out.", valueName: "nm"))
  var distanceLimit = 500.0

  /// Sets what was asked for.
  func apply(to run: inout EvaluationRun) {
    run.region = region
    run.part = part
    run.className = className
    run.threshold = threshold
    run.connectivity = connectivity
    run.isPerSlice = perSlice
    run.isVoxelsOnly = voxelsOnly
    run.bootstrap = bootstrap ?? 0
    run.seed = seed
    run.distanceLimit = distanceLimit
  }

  private static func part(named name: String) throws -> SplitPart {
    guard let part = SplitPart(rawValue: name) else {
      throw ValidationError("'\(name)' is no part of a split: use train, validation or test")
    }
    return part
  }
}
