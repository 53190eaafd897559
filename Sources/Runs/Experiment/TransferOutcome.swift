// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What an experiment found.
public struct TransferOutcome: Codable, Sendable {
  /// Learning rates and the tissue on which they were chosen.
  public struct Rates: Codable, Hashable, Sendable {
    /// Of everything that begins at random.
    public let scratch: Double
    /// Of everything that begins with a pretrained model.
    public let finetune: Double
    /// A source tissue; none if there was nothing to choose.
    public let chosenOn: String?

    enum CodingKeys: String, CodingKey {
      case scratch, finetune
      case chosenOn = "chosen_on"
    }
  }

  /// One model, its prediction and its score.
  public struct Score: Codable, Hashable, Sendable {
    /// zero-shot, finetune, scratch or scratch-long.
    public let method: String
    /// The sources that it learned from first; empty from scratch.
    public let source: String
    /// Labelled slices of the target; 0 for none, `nil` for all.
    public let slices: Int?
    /// From 1; models of one budget and repetition learned from the same slices.
    public let repetition: Int
    /// Updates on the target, or of the pretraining where there were none.
    public let steps: Int
    /// On the target's test part; `nil` where undefined.
    public let iouForeground: Double?
    /// The same.
    public let dice: Double?
    /// As in `model:transfer-7-scratch@1`.
    public let model: String?
    /// As in `c/transfer-7-scratch@1`.
    public let prediction: String?
    /// The runs that made and scored them.
    public let runs: [Int64]
    /// True positives, false positives and false negatives in each column of the test part.
    public let columns: [[Int]]

    enum CodingKeys: String, CodingKey {
      case method, source, slices, repetition, steps, dice, model, prediction, runs, columns
      case iouForeground = "iou_foreground"
    }
  }

  /// Models of one method and budget.
  public struct Row: Codable, Hashable, Sendable {
    /// As of a ``Score``.
    public let method: String
    /// As of a ``Score``.
    public let source: String
    /// As of a ``Score``.
    public let slices: Int?
    /// How many scores there are.
    public let count: Int
    /// Of `iou_foreground`.
    public let mean: Double
    /// The sample's standard deviation; `nil` for one score.
    public let deviation: Double?
    /// The lowest.
    public let low: Double
    /// The highest.
    public let high: Double
  }

  /// What pretraining brings: the mean over repetitions of the difference of scores that learned from the
  /// same slices, with its 95 % interval over repetitions by Student's t, and over columns of the test part
  /// by resampling. Neither speaks for other volumes.
  public struct Difference: Codable, Hashable, Sendable {
    /// The sources of the fine-tuned models.
    public let source: String
    /// What they are compared with.
    public let against: String
    /// As of a ``Score``.
    public let slices: Int?
    /// How many pairs there are.
    public let count: Int
    /// Fine-tuned minus the other.
    public let mean: Double
    /// The interval's ends; `nil` for fewer than two pairs.
    public let low: Double?
    /// The same.
    public let high: Double?
    /// The ends of the interval over columns; `nil` for fewer than three of them.
    public let columnLow: Double?
    /// The same.
    public let columnHigh: Double?

    enum CodingKeys: String, CodingKey {
      case source, against, slices, count, mean, low, high
      case columnLow = "column_low"
      case columnHigh = "column_high"
    }
  }

  /// The run.
  public let run: Int64
  /// What models and predictions are called.
  public let name: String
  /// What was asked.
  public let request: TransferRequest
  /// Learning rates.
  public let rates: Rates
  /// All models.
  public let scores: [Score]
  /// By method and budget.
  public let rows: [Row]
  /// By budget.
  public let differences: [Difference]

  init(
    run: Int64, name: String, request: TransferRequest, rates: Rates, entries: [TransferJournal.Entry]
  ) {
    self.run = run
    self.name = name
    self.request = request
    self.rates = rates
    scores = entries.map { entry in
      let isZero = entry.arm.method == .pretrain
      return Score(
        method: isZero ? "zero-shot" : entry.arm.method.rawValue, source: entry.arm.source,
        slices: isZero ? 0 : entry.arm.slices, repetition: entry.arm.repeated + 1, steps: entry.arm.steps,
        iouForeground: entry.iou, dice: entry.dice, model: entry.model, prediction: entry.prediction,
        runs: [entry.trainingRun, entry.predictionRun, entry.evaluationRun].compactMap { $0 },
        columns: entry.columns)
    }
    rows = Self.rows(of: scores)
    differences = Self.differences(of: scores)
  }

  static func rows(of scores: [Score]) -> [Row] {
    var groups: [(first: Score, values: [Double])] = []
    for score in scores {
      guard let value = score.iouForeground else { continue }
      let place = groups.firstIndex {
        ($0.first.method, $0.first.source) == (score.method, score.source) && $0.first.slices == score.slices
      }
      if let place { groups[place].values.append(value) } else { groups.append((score, [value])) }
    }
    return groups.map { first, values in
      let (mean, deviation) = moments(values)
      return Row(
        method: first.method, source: first.source, slices: first.slices, count: values.count, mean: mean,
        deviation: deviation, low: values.min() ?? mean, high: values.max() ?? mean)
    }
  }

  static func differences(of scores: [Score]) -> [Difference] {
    var result: [Difference] = []
    let tuned = scores.filter { $0.method == "finetune" }
    var seen: [(String, Int?)] = []
    for one in tuned where !seen.contains(where: { $0.0 == one.source && $0.1 == one.slices }) {
      seen.append((one.source, one.slices))
      for against in ["scratch", "scratch-long"] {
        let pairs = tuned.filter { $0.source == one.source && $0.slices == one.slices }
          .compactMap { fine -> (fine: Score, other: Score, difference: Double)? in
            let other = scores.first {
              $0.method == against && $0.slices == fine.slices && $0.repetition == fine.repetition
            }
            guard let other, let a = fine.iouForeground, let b = other.iouForeground else { return nil }
            return (fine, other, a - b)
          }
        if pairs.isEmpty { continue }
        let (mean, deviation) = moments(pairs.map(\.difference))
        let columns = ColumnBootstrap(pairs.map { ($0.fine.columns, $0.other.columns) })
        let half = deviation.map {
          studentQuantile(pairs.count - 1) * $0 / Double(pairs.count).squareRoot()
        }
        result.append(
          Difference(
            source: one.source, against: against, slices: one.slices, count: pairs.count, mean: mean,
            low: half.map { mean - $0 }, high: half.map { mean + $0 }, columnLow: columns?.low,
            columnHigh: columns?.high))
      }
    }
    return result
  }

  private static func moments(_ values: [Double]) -> (mean: Double, deviation: Double?) {
    let mean = values.reduce(0, +) / Double(values.count)
    if values.count < 2 { return (mean, nil) }
    let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (sum / Double(values.count - 1)).squareRoot())
  }

  /// The 97.5 % point of Student's t, from the tables (NIST/SEMATECH e-Handbook, 1.3.6.7.2).
  static func studentQuantile(_ freedom: Int) -> Double {
    let table = [
      12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
      2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048,
      2.045, 2.042,
    ]
    return freedom <= table.count ? table[freedom - 1] : 1.96
  }
}
