// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Runs
import VolumeDatabase

extension TrainingOptions {
  /// Trains, and prints the run's number first and what came of it last; or says what would be done. All
  /// folds are trained one after another.
  func perform(_ recipe: Recipe) throws {
    var request = recipe.request
    let foldCount = request.foldCount
    try Self.wrongUse { try request.ofFold(1).check() }
    let database = try VolumeDatabase(opening: database.folder, access: plan ? .reading : .writing)
    if let seconds = recipe.seconds {
      request.steps = try Self.wrongUse {
        try TrainingEstimate.fitted(request.ofFold(1), to: seconds / Double(foldCount), in: database).steps
      }
    }
    if plan {
      let estimate = try Self.wrongUse { try TrainingEstimate(of: request.ofFold(1), in: database) }
      format.format.print(estimate.record)
      estimate.notes.forEach(StandardError.print)
      if foldCount > 1 {
        let all = ProgressMeter.clock(estimate.seconds * Double(foldCount))
        StandardError.print("each of \(foldCount) folds is such a training: about \(all) in all")
      }
      return
    }
    let stop = StopSignals()
    let outcomes = try (1...foldCount).map { fold in
      if foldCount > 1 { StandardError.print("fold \(fold) of \(foldCount)") }
      return try Self.wrongUse {
        try TrainingRun.start(
          request.ofFold(fold), in: database, progress: TerminalProgress(), cancellation: stop.flag
        ) { run in
          format.format.announce(run: run)
        }
      }
    }
    if foldCount == 1 {
      format.format.print(outcomes[0].record)
    } else {
      format.format.print(outcomes.map(\.record), empty: "")
      let scores = outcomes.compactMap(\.validation)
      if let least = scores.min(), let most = scores.max() {
        let mean = scores.reduce(0, +) / Double(scores.count)
        StandardError.print(
          String(format: "validation IoU foreground: mean %.4f, from %.4f to %.4f", mean, least, most))
      }
    }
  }
}
