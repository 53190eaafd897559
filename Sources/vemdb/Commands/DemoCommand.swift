// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Runs

/// `vemdb demo`
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Do the main job on two tissues that the program makes itself.",
    discussion: """
      Makes two synthetic tissues whose truth is known, ingests them, trains a network on all labels of one, \
      fine-tunes it on two labelled slices of the other, trains another from scratch on the same two, predicts \
      with all three, scores them on labels that none has seen, and draws a picture. It takes a few minutes.
      """)

  @Argument(
    help: ArgumentHelp("A folder that does not exist yet, or is empty.", valueName: "directory"))
  var directory = "vemdb-demo"
  @OptionGroup var format: FormatOptions

  func run() throws {
    let stop = StopSignals()
    let outcome = try DemoRun(in: directory).start(progress: TerminalProgress(), cancellation: stop.flag)
    switch format.format {
    case .json: OutputFormat.json.print(outcome.record)
    case .csv: OutputFormat.csv.print(outcome.arms.map(\.row), empty: "")
    case .table:
      print("\nThe target tissue, scored where no model has seen a label:\n")
      OutputFormat.table.print(outcome.arms.map(\.row), empty: "")
      print("\nWhat is in the region \(outcome.region):\n")
      OutputFormat.table.print(outcome.found.map(\.row), empty: "nothing")
      print(
        """

        picture   \(outcome.picture)
        database  \(outcome.database)
        took      \(Int(outcome.seconds)) s

        Look around:
          export VEMDB_DATABASE=\(outcome.database)
          vemdb list
          vemdb log \(outcome.arms[1].prediction)
          vemdb read \(outcome.arms[1].prediction) --region z=0 -o labels.png
        """)
    }
  }
}

extension DemoOutcome.Arm {
  fileprivate var row: OutputRecord {
    var row: OutputRecord = [
      "model": .string(model), "learned_from": .string(learnedFrom), "steps": .integer(steps),
    ]
    row.add("seconds", .number(seconds), text: String(Int(seconds.rounded())))
    row.add("iou_foreground", .optional(iouForeground), text: Self.rounded(iouForeground))
    row.add("dice", .optional(dice), text: Self.rounded(dice))
    row.add("prediction", .string(prediction))
    return row
  }

  private static func rounded(_ value: Double?) -> String {
    value.map { String(Double(Int(($0 * 1000).rounded())) / 1000) } ?? "-"
  }
}

extension DemoOutcome.Found {
  fileprivate var row: OutputRecord {
    var row: OutputRecord = ["version": .string(version), "class": .string(className)]
    row.add("covered_fraction", .number(coveredFraction), text: "\(Int((coveredFraction * 100).rounded())) %")
    row.add(
      "cubic_micrometres", .optional(cubicMicrometres),
      text: cubicMicrometres.map { String(Double(Int(($0 * 1000).rounded())) / 1000) } ?? "-")
    row.add("objects", .optional(objects))
    return row
  }
}

extension DemoOutcome {
  fileprivate var record: OutputRecord {
    [
      "folder": .string(folder), "database": .string(database), "picture": .string(picture),
      "seconds": .number(seconds), "arms": .list(arms.map { .object($0.row) }),
      "region": .string(region), "found": .list(found.map { .object($0.row) }),
    ]
  }
}
