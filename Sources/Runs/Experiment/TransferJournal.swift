// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What an experiment has done so far: `runs/<id>/experiment.json`, replaced whole after each step.
struct TransferJournal: Codable {
  /// What is known of an arm.
  struct Entry: Codable {
    let arm: TransferArm
    var trainingRun: Int64?
    var model: String?
    /// On held-out labels of the tissue that rates are chosen on.
    var validation: Double?
    var predictionRun: Int64?
    var prediction: String?
    var evaluationRun: Int64?
    /// On the target's test part; `nil` where undefined.
    var iou: Double?
    var dice: Double?
    /// True positives, false positives and false negatives in each column of the test part.
    var columns: [[Int]] = []
    var isScored = false

    enum CodingKeys: String, CodingKey {
      case arm, model, validation, prediction, iou, dice, columns
      case trainingRun = "training_run"
      case predictionRun = "prediction_run"
      case evaluationRun = "evaluation_run"
      case isScored = "is_scored"
    }
  }

  /// In the order in which they began.
  private(set) var entries: [Entry] = []
  private let path: String

  enum CodingKeys: String, CodingKey { case entries }

  /// Goes on with the journal in a folder, or begins one.
  init(folder: String) throws {
    path = "\(folder)/experiment.json"
    guard FileManager.default.fileExists(atPath: path) else { return }
    entries = try JSONDecoder().decode(
      TransferJournal.self, from: Data(contentsOf: URL(fileURLWithPath: path))
    ).entries
  }

  init(from decoder: any Decoder) throws {
    entries = try decoder.container(keyedBy: CodingKeys.self).decode([Entry].self, forKey: .entries)
    path = ""
  }

  subscript(arm: TransferArm) -> Entry {
    entries.first { $0.arm.key == arm.key } ?? Entry(arm: arm)
  }

  /// Changes what is known of an arm, and writes it down.
  mutating func note(_ arm: TransferArm, _ change: (inout Entry) -> Void) throws {
    let place = entries.firstIndex { $0.arm.key == arm.key } ?? entries.count
    if place == entries.count { entries.append(Entry(arm: arm)) }
    change(&entries[place])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
