// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Tensors
public import Training

/// What a person asks for when a model is to be trained or fine-tuned; kept with the run.
public struct TrainingRequest: Codable, Hashable, Sendable {
  /// The widths of an RS-UNet.
  public enum Preset: String, Codable, CaseIterable, Sendable {
    /// 16, 32, 48, 64, 80.
    case fast
    /// 28, 36, 48, 64, 80.
    case published
  }

  /// What is done to patches.
  public enum Augmenting: String, Codable, CaseIterable, Sendable {
    /// Quarters, mirrors, mild changes of contrast and brightness.
    case mild
    /// As published.
    case published
    /// Nothing.
    case none
  }

  /// The model that gets a version.
  public var model: String
  /// Pairs as text, as in `epfl/em@1,epfl/mito@1`.
  public var pairs: [String]
  /// Classes to be found, one logit each; empty for a fine-tuning with the model's own.
  public var classes: [String]
  /// The model version to begin with, or none: then weights are random.
  public var from: String?
  /// The kind of network.
  public var architecture = "rsunet"
  /// Its widths.
  public var preset = Preset.fast
  /// How many labelled slices of each pair are learned from; all by default.
  public var slices: Int?
  /// How many updates.
  public var steps = 400
  /// What everything random derives from.
  public var seed: UInt64 = 0
  /// Patches a step.
  public var batch = 2
  /// Depth, height, width in working voxels; chosen from the voxel size by default.
  public var patch: [Int]?
  /// The highest learning rate; 3e-3, or 1e-3 for a fine-tuning, by default.
  public var learningRate: Double?
  /// Whether it stays constant instead of following a cosine.
  public var isRateConstant = false
  /// What is made small.
  public var loss = Loss.Kind.diceCrossEntropy
  /// The weight of positive voxels in the cross-entropy.
  public var positiveWeight = 1.0
  /// The working voxel size; chosen from the pairs by default.
  public var voxelSize: VoxelSize?
  /// Steps between validations; an eighth of all by default.
  public var validateEvery: Int?
  /// What is done to patches.
  public var augmenting = Augmenting.mild
  /// How much of each batch's statistics enters the running ones.
  public var batchNormMomentum = 0.1
  /// The gap in nanometres between training and validation; two slices or 100 nm by default.
  public var guardNanometres: Double?
  /// Who computes.
  public var backend = BackendKind.oneDNN
  /// How many threads; all of the machine by default.
  public var threads: Int?

  /// A request with the default recipe.
  public init(model: String, pairs: [String], classes: [String], from: String? = nil) {
    self.model = model
    self.pairs = pairs
    self.classes = classes
    self.from = from
  }

  /// Checks what can be checked without a database.
  ///
  /// - Throws: ``TrainingRunError/badOption(_:reason:)``.
  func check() throws(TrainingRunError) {
    if pairs.isEmpty { throw .badOption("--pair", reason: "give at least one image with its labels") }
    if classes.isEmpty && from == nil { throw .badOption("--class", reason: "say what is to be found") }
    if Set(classes).count < classes.count { throw .badOption("--class", reason: "a class is given twice") }
    if steps < 1 { throw .badOption("--steps", reason: "at least one step is needed") }
    if batch < 1 { throw .badOption("--batch", reason: "a batch has at least one patch") }
    if let slices, slices < 1 { throw .badOption("--slices", reason: "at least one slice is needed") }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw .badOption("--learning-rate", reason: "it must be a positive number")
    }
    if let validateEvery, validateEvery < 1 {
      throw .badOption("--validate-every", reason: "at least one step lies between validations")
    }
    if let threads, threads < 1 { throw .badOption("--threads", reason: "at least one is needed") }
    if !(positiveWeight > 0 && positiveWeight.isFinite) {
      throw .badOption("--positive-weight", reason: "it must be a positive number")
    }
    if !(0...1).contains(batchNormMomentum) {
      throw .badOption("--batch-norm-momentum", reason: "it lies between 0 and 1")
    }
    if from != nil, voxelSize != nil {
      throw .badOption("--voxel-size", reason: "a fine-tuned model keeps the one of the model it begins with")
    }
    if let patch, patch.count != 3 || patch.contains(where: { $0 < 1 }) {
      throw .badOption("--patch", reason: "give depth, height and width, as in 16,96,96")
    }
    if architecture != "rsunet" {
      throw .unknownWord(architecture, of: "architecture", known: ["rsunet"])
    }
  }
}
