// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs
import VolumeDatabase

/// `vemdb compare ratliver/a ratliver/b --against ratliver/mito`
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Score several predictions against the same labels on the same voxels.",
    discussion: """
      Only voxels count that the labels and all predictions cover. Each score is kept in the database with a \
      run of its own, as vemdb evaluate does.
      """)

  @Argument(
    help: ArgumentHelp("What is scored.", valueName: "prediction"), transform: VersionReference.init(parsing:)
  )
  var predictions: [VersionReference]
  @OptionGroup var scores: ScoreOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let stop = StopSignals()
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    var comparison = ComparisonRun(predictions, against: scores.against)
    scores.apply(to: &comparison.settings)
    let outcomes = try comparison.start(in: database, progress: TerminalProgress(), cancellation: stop.flag)
    switch format.format {
    case .table:
      OutputFormat.table.print(
        outcomes.flatMap { outcome in
          outcome.scores.map { naming(outcome, $0.row) }
        }, empty: "no class was scored")
    case .csv:
      OutputFormat.csv.print(
        outcomes.flatMap { outcome in
          outcome.items.map { naming(outcome, $0) }
        }, empty: "")
    case .json: OutputFormat.json.print(outcomes.map(\.record), empty: "")
    }
  }

  /// A row with the prediction that it is about in front.
  private func naming(_ outcome: EvaluationOutcome, _ row: OutputRecord) -> OutputRecord {
    var named: OutputRecord = ["prediction": .string(outcome.prediction.reference)]
    for field in row.fields { named.add(field.key, field.value, text: field.text) }
    return named
  }
}
