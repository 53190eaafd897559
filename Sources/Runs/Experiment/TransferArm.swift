// SPDX-License-Identifier: Apache-2.0

/// One model of the experiment: how it is trained, on what, and from what.
struct TransferArm: Codable, Hashable, Sendable {
  enum Method: String, Codable, Sendable {
    /// On all labels of source tissues.
    case pretrain
    /// From a pretrained model, on labels of the target.
    case finetune
    /// From random weights, on the same.
    case scratch
    /// The same with as many updates as pretraining and fine-tuning have together.
    case scratchLong = "scratch-long"
    /// To choose a learning rate, on a source tissue.
    case tuning
    /// To choose a learning rate from, on the other source tissues.
    case tuningBase = "tuning-base"
  }

  let method: Method
  /// The sources that it begins with or learns from; empty where there is none.
  var source = ""
  /// How many slices it learns from; all labels by default.
  var slices: Int?
  /// From 0.
  var repeated = 0
  let steps: Int
  let rate: Double

  /// Names it in the journal: what differs between arms.
  var key: String {
    [
      method.rawValue, source, slices.map { "\($0)" } ?? "full", "\(repeated)",
      method == .tuning ? "\(rate)" : "",
    ].joined(separator: "|")
  }

  /// What its model and its predictions are called after the experiment's name.
  var suffix: String { source.isEmpty ? method.rawValue : "\(method.rawValue)-\(source)" }
}
