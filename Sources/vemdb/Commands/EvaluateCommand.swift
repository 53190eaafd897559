// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs
import Segmentation
import VolumeDatabase

/// `vemdb evaluate ratliver/mito-pred --against ratliver/mito`
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a prediction against labels where both say something.",
    discussion: """
      Only voxels count that both versions cover: outside coverage a label is unknown, not background. A score \
      that is undefined, as of nothing predicted where nothing is there, is left empty. Objects of \
      classes are connected voxels; where single slices are labelled, each is scored for itself. Where the \
      prediction has other voxels, it is read at those of the labels. Scores are kept in the database with \
      the run.
      """)

  @Argument(
    help: ArgumentHelp("What is scored.", valueName: "prediction"), transform: VersionReference.init(parsing:)
  )
  var prediction: VersionReference
  @OptionGroup var scores: ScoreOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let stop = StopSignals()
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    var run = EvaluationRun(of: prediction, against: scores.against)
    scores.apply(to: &run)
    let outcome = try run.start(in: database, progress: TerminalProgress(), cancellation: stop.flag)
    switch format.format {
    case .table: OutputFormat.table.print(outcome.scores.map(\.row), empty: "no class was scored")
    case .csv: OutputFormat.csv.print(outcome.items, empty: "")
    case .json: OutputFormat.json.print(outcome.record)
    }
  }

}

extension EvaluationOutcome.ClassScore {
  /// One row of the table: ratios first, then objects and boundaries, then what ratios are made of.
  var row: OutputRecord {
    var row: OutputRecord = ["class": .string(name)]
    let shown = [
      "dice", "iou_foreground", "iou_mean", "precision", "recall", "f1_50", "ap_50", "ap_75",
      "panoptic_quality", "vi_split", "vi_merge", "boundary_distance_95",
    ]
    for metric in metrics where shown.contains(metric.name) || metric.name.hasPrefix("iou_foreground_") {
      row.add(metric.name, .optional(metric.value), text: metric.value.map { rounded($0) } ?? "-")
    }
    for metric in metrics where metric.name.hasPrefix("true_") || metric.name.hasPrefix("false_") {
      row.add(metric.name, .number(metric.value ?? 0))
    }
    return row
  }

  /// Four decimals.
  private func rounded(_ value: Double) -> String {
    let tenThousandths = Int((value * 10_000).rounded())
    let digits = String(tenThousandths % 10_000)
    return "\(tenThousandths / 10_000)." + String(repeating: "0", count: 4 - digits.count) + digits
  }
}

extension EvaluationOutcome {
  /// One score each.
  var items: [OutputRecord] {
    scores.flatMap { score in
      score.metrics.map { metric in
        [
          "run": .integer(Int(runID)), "region": .string("\(region)"), "class": .string(score.name),
          "metric": .string(metric.name), "value": .optional(metric.value),
          "reason": .optional(metric.reason),
        ]
      }
    }
  }

  /// Everything.
  var record: OutputRecord {
    [
      "run": .integer(Int(runID)), "prediction": .string(prediction.reference),
      "truth": .string(truth.reference), "region": .string("\(region)"),
      "part": .optional(part?.rawValue), "items": .list(items.map { .object($0) }),
    ]
  }
}
