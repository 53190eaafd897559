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
      that is undefined, as of nothing predicted where nothing is there, is left empty. Scores are kept in the \
      database with the run.
      """)

  @Argument(
    help: ArgumentHelp("What is scored.", valueName: "prediction"), transform: VersionReference.init(parsing:)
  )
  var prediction: VersionReference
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
    help: ArgumentHelp("Only this class. (default: every class that both have)", valueName: "class"))
  var className: String?
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let stop = StopSignals()
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    var run = EvaluationRun(of: prediction, against: against)
    run.region = region
    run.part = part
    run.className = className
    let outcome = try run.start(in: database, progress: TerminalProgress(), cancellation: stop.flag)
    switch format.format {
    case .table: OutputFormat.table.print(outcome.scores.map(\.row), empty: "no class was scored")
    case .csv: OutputFormat.csv.print(outcome.items, empty: "")
    case .json: OutputFormat.json.print(outcome.record)
    }
  }

  private static func part(named name: String) throws -> SplitPart {
    guard let part = SplitPart(rawValue: name) else {
      throw ValidationError("'\(name)' is no part of a split: use train, validation or test")
    }
    return part
  }
}

extension EvaluationOutcome.ClassScore {
  /// One row of the table: ratios first, then what they are made of.
  fileprivate var row: OutputRecord {
    var row: OutputRecord = ["class": .string(name)]
    for (metric, value) in metrics.suffix(5) {
      row.add(metric, .optional(value), text: value.map { rounded($0) } ?? "-")
    }
    for (metric, value) in metrics.prefix(4) {
      row.add(metric, .number(value ?? 0))
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
  fileprivate var items: [OutputRecord] {
    scores.flatMap { score in
      score.metrics.map { metric in
        [
          "run": .integer(Int(runID)), "region": .string("\(region)"), "class": .string(score.name),
          "metric": .string(metric.name), "value": .optional(metric.value),
          "reason": .optional(score.reason(metric.name)),
        ]
      }
    }
  }

  /// Everything.
  fileprivate var record: OutputRecord {
    [
      "run": .integer(Int(runID)), "prediction": .string(prediction.reference),
      "truth": .string(truth.reference), "region": .string("\(region)"),
      "part": .optional(part?.rawValue), "items": .list(items.map { .object($0) }),
    ]
  }
}
