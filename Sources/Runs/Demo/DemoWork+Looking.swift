// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Segmentation
import VolumeDatabase

extension DemoWork {
  /// Predicts the target with a model and scores it on the part that no model has seen labels of.
  func score(_ trained: Trained, in database: VolumeDatabase) throws -> DemoOutcome.Arm {
    let volume = try volume(demo.target, "mito-\(trained.name)")
    let request = PredictionRequest(
      model: trained.model, image: "\(demo.target.name)/em", target: "\(volume)", threads: demo.threads)
    _ = try PredictionRun.start(request, in: database, progress: progress, cancellation: cancellation)
    var evaluation = EvaluationRun(
      of: VersionReference(volume: volume),
      against: VersionReference(volume: try self.volume(demo.target, "mito")))
    evaluation.part = .test
    evaluation.threads = demo.threads
    let outcome = try evaluation.start(in: database, progress: progress, cancellation: cancellation)
    let counts = outcome.scores.first?.counts
    return DemoOutcome.Arm(
      model: trained.model, learnedFrom: trained.learnedFrom, steps: trained.steps,
      seconds: trained.seconds, prediction: outcome.prediction.reference,
      iouForeground: counts?.iouForeground, dice: counts?.dice)
  }

  /// Draws a prediction over the middle slice of the image.
  func picture(of arm: DemoOutcome.Arm, in database: VolumeDatabase) throws -> String {
    let path = "\(demo.folder)/overlay.png"
    let run = ReadRun(
      VersionReference(volume: try volume(demo.target, "em")),
      region: try Region(parsing: "z=\(demo.target.shape[0] / 2)"), output: path,
      overlay: try VersionReference(parsing: arm.prediction))
    try run.perform(in: database, threads: demo.threads, progress: progress, cancellation: cancellation)
    return path
  }

  /// Asks what labels and predictions say of a part of the target.
  func query(in database: VolumeDatabase) throws -> [DemoOutcome.Found] {
    var query = QueryRequest(about: try AnyReference(parsing: demo.target.name))
    query.region = demo.region
    query.className = "mitochondrion"
    query.instances = true
    query.threads = demo.threads
    return try query.answer(from: database, progress: progress, cancellation: cancellation).versions
      .flatMap { version in
        version.classes.map { one in
          DemoOutcome.Found(
            version: version.record.reference, className: one.name, coveredFraction: one.coveredFraction,
            cubicMicrometres: one.cubicMicrometres,
            objects: version.objects?.count { $0.className == one.name })
        }
      }
  }
}
