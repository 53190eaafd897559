// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import VolumeDatabase

/// The steps of the demo, each through the run that the command line uses.
struct DemoWork {
  /// A trained model.
  struct Trained {
    let name: String
    let model: String
    let learnedFrom: String
    let steps: Int
    let seconds: Double
  }

  let demo: DemoRun
  let progress: any ProgressReporter
  let cancellation: CancellationFlag

  init(_ demo: DemoRun, progress: any ProgressReporter, cancellation: CancellationFlag) {
    self.demo = demo
    self.progress = progress
    self.cancellation = cancellation
  }

  /// Writes a tissue's slices and ingests them: the image, mitochondria and endoplasmic reticulum.
  func ingest(_ tissue: SyntheticTissue, into database: VolumeDatabase) throws {
    let folders = try SyntheticVolume(tissue).write(
      below: "\(demo.folder)/slices/\(tissue.name)", threads: demo.threads, progress: progress,
      cancellation: cancellation)
    try database.addDataset(
      tissue.name,
      DatasetFacts(
        organism: "none", tissue: "synthetic", modality: "computed", licence: "Apache-2.0",
        note: "made by vemdb demo, seed \(tissue.seed)"))
    var image = IngestRun(.image, into: try volume(tissue, "em"), from: [folders.images])
    image.voxelSize = tissue.voxelSize
    try ingest(image, into: database)
    for (name, folder, classes) in [
      ("mito", folders.mitochondria, "mito=255"), ("er", folders.reticulum, "er=255"),
    ] {
      var labels = IngestRun(.label, into: try volume(tissue, name), from: [folder])
      labels.like = "\(tissue.name)/em"
      labels.classes = try ClassMap(parsing: classes)
      try ingest(labels, into: database)
    }
  }

  private func ingest(_ run: IngestRun, into database: VolumeDatabase) throws {
    var run = run
    run.threads = demo.threads
    _ = try run.start(in: database, progress: progress, cancellation: cancellation)
  }

  /// Splits the target along x with a gap that is wide enough: what is learned from, and what is scored.
  func split(in database: VolumeDatabase) throws {
    let shape = demo.target.shape
    let width = shape[2]
    try database.setSplits(
      [
        SplitBox(.train, Box(lower: [0, 0, 0], upper: [shape[0], shape[1], width * 45 / 100])),
        SplitBox(.test, Box(lower: [0, 0, width * 55 / 100], upper: shape.sizes)),
      ], of: try volume(demo.target, "mito"))
  }

  /// Trains on all labels of the source, or on a few slices of the target.
  func train(
    _ name: String, from parent: String? = nil, on tissue: SyntheticTissue, in database: VolumeDatabase
  ) throws -> Trained {
    let isTarget = tissue.name == demo.target.name
    var request = TrainingRequest(
      model: name, pairs: ["\(tissue.name)/em,\(tissue.name)/mito"],
      classes: parent == nil ? ["mitochondrion"] : [], from: parent)
    request.steps = isTarget ? demo.tuningSteps : demo.pretrainingSteps
    request.slices = isTarget ? demo.slices : nil
    request.patch = demo.patch
    request.threads = demo.threads
    request.seed = 1
    // All arms see the world at one size, so that they differ by their weights alone.
    if parent == nil { request.voxelSize = WorkingVoxelSize.chosen(for: [demo.source.voxelSize]) }
    let outcome = try TrainingRun.start(
      request, in: database, progress: progress, cancellation: cancellation)
    let labels = isTarget ? "\(demo.slices) slices of \(tissue.name)" : "all of \(tissue.name)"
    return Trained(
      name: name, model: outcome.model,
      learnedFrom: parent.map { "\($0), then \(labels)" } ?? labels, steps: outcome.steps,
      seconds: outcome.seconds)
  }

  func volume(_ tissue: SyntheticTissue, _ name: String) throws -> VolumeReference {
    try VolumeReference(parsing: "\(tissue.name)/\(name)")
  }
}
