// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Tensors

/// What a person asks of `vemdb experiment transfer`; also the settings that the run records.
public struct TransferRequest: Codable, Hashable, Sendable {
  /// Which models pretrained on one tissue alone there are, beside the one of all.
  public enum Alone: String, Codable, CaseIterable, Sendable {
    /// None.
    case none
    /// They are scored as they are.
    case zeroShot = "zero-shot"
    /// They are also fine-tuned at every budget.
    case finetune
  }

  /// Pairs that are learned from first; those of one dataset are one source.
  public var pretrain: [String]
  /// The pair whose labels are few.
  public var target: String
  /// What is to be found.
  public var className: String
  /// Budgets of labelled slices, in rising order.
  public var slices: [Int]
  /// How many times each arm is repeated: other slices, other random numbers.
  public var seeds = 3
  /// Updates of every arm.
  public var steps = 200
  /// Updates of a pretraining; as many as of an arm by default.
  public var pretrainSteps: Int?
  /// Learning rates to choose from.
  public var rates: [Double] = [1e-3, 3e-3]
  /// What single tissues are good for.
  public var alone = Alone.finetune
  /// What models and predictions are called; `transfer-` and the run's number by default.
  public var name: String?
  /// The widths of the network.
  public var preset = TrainingRequest.Preset.fast
  /// The working voxel size of all arms; chosen from all pairs by default.
  public var voxelSize: VoxelSize?
  /// The patch of all arms; chosen by default.
  public var patch: [Int]?
  /// Patches a batch.
  public var batch = 2
  /// The first seed.
  public var seed: UInt64 = 1
  /// Who computes.
  public var backend = BackendKind.oneDNN
  /// In what numbers all arms are trained and predicted; single precision by default.
  public var precision: Precision?
  /// How many threads; all of the machine by default.
  public var threads: Int?

  /// A request with defaults.
  public init(pretrain: [String], target: String, className: String, slices: [Int]) {
    self.pretrain = pretrain
    self.target = target
    self.className = className
    self.slices = slices
  }

  /// Checks what can be checked without a database.
  ///
  /// - Throws: ``TrainingRunError/badOption(_:reason:)``.
  public func check() throws(TrainingRunError) {
    if pretrain.isEmpty {
      throw .badOption("--pretrain", reason: "give at least one pair to learn from first")
    }
    if pretrain.contains(target) {
      throw .badOption("--target", reason: "the target may not be among what is learned from first")
    }
    if slices.isEmpty || slices.contains(where: { $0 < 1 }) || Set(slices).count != slices.count {
      throw .badOption("--slices", reason: "give different numbers of slices, as in 1,2,4,8")
    }
    if seeds < 1 { throw .badOption("--seeds", reason: "at least one is needed") }
    if steps < 1 || (pretrainSteps ?? 1) < 1 { throw .badOption("--steps", reason: "at least one is needed") }
    if let fault = precision?.fault(on: backend) { throw .badOption("--precision", reason: fault) }
    if rates.isEmpty || rates.contains(where: { !($0 > 0 && $0.isFinite) }) {
      throw .badOption("--rates", reason: "give positive numbers, as in 0.001,0.003")
    }
  }
}
