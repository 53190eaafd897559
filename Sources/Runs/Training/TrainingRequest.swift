// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Networks
public import Tensors
public import Training

/// What a person asks for when a model is to be trained or fine-tuned; kept with the run, and printed as a
/// ``Recipe``.
///
/// What is `nil` is chosen when the training begins and is there in the request that the run keeps.
public struct TrainingRequest: Codable, Hashable, Sendable {
  /// The model that gets a version.
  public var model: String
  /// Pairs as text, as in `epfl/em@1,epfl/mito@1`.
  public var pairs: [String]
  /// How often each pair is drawn from beside the others; none means equally often.
  public var pairWeights: [Double] = []
  /// Classes to be found, one logit each; empty for a fine-tuning with the model's own.
  public var classes: [String]
  /// Whether the boundary of the class's objects is learned beside its mask, as a logit of its own.
  public var boundary = false
  /// Label values that mean nobody knows; masked.
  public var ignoredValues: [UInt64] = []

  // MARK: The network

  /// The model version to begin with, or none: then weights are random.
  public var from: String?
  /// Whether a fine-tuning may have other classes than the model: their logits begin at random.
  public var newHead = false
  /// Patterns of names of parameters that are not learned, as in `conv1.*`.
  public var freeze: [String] = []
  /// The kind of network, or a file `*.json` that describes one.
  public var architecture = "rsunet"
  /// What that file said when the training began; a resumed run takes it from here.
  public var written: ModelDescription?
  /// Its widths.
  public var preset = Preset.fast
  /// The working voxel size; chosen from the pairs by default.
  public var voxelSize: VoxelSize?
  /// Depth, height, width in working voxels; by default 16×96×96, or 12×128×128 on thick sections, or
  /// 1×256×256 for a network of single slices.
  public var patch: [Int]?

  // MARK: What is learned from

  /// How many labelled slices of each pair are learned from; all by default.
  public var slices: Int?
  /// Into how many parts the labels are cut for cross-validation; `nil` uses the volumes' splits.
  public var folds: Int?
  /// Which of the parts, from 1, serves for validation.
  public var fold: Int?
  /// The gap in nanometres between training and validation; two slices or 100 nm by default.
  public var guardNanometres: Double?
  /// How many of the patches have a voxel of a class near their middle.
  public var foreground = 0.5
  /// What is done to patches.
  public var augmenting = Augmenting.mild
  /// Single settings of the augmentation that differ, by name, as in `elastic`.
  public var augmentation: [String: Double] = [:]

  // MARK: How it is learned

  /// How many updates.
  public var steps = 400
  /// Patches a batch; by default 2, or 8 for a network of single slices.
  public var batch: Int?
  /// Batches an update.
  public var accumulation = 1
  /// What everything random derives from.
  public var seed: UInt64 = 0
  /// What is made small.
  public var loss = Loss.Kind.diceCrossEntropy
  /// Over what the sums of Dice go.
  public var dice = Loss.DiceExtent.batch
  /// The smoothing of Dice.
  public var smoothing = 1.0
  /// The weight of positive voxels in the cross-entropy.
  public var positiveWeight = 1.0
  /// The exponent of the focal loss.
  public var focalGamma = 2.0
  /// The weight of positive voxels in the focal loss.
  public var focalAlpha = 0.25
  /// What moves the weights.
  public var optimizer = OptimizerKind.adam
  /// How strongly weights are drawn to zero; 0, or 0.01 with AdamW, by default.
  public var weightDecay: Double?
  /// The highest learning rate; 3e-3, or 1e-3 for a fine-tuning, by default.
  public var learningRate: Double?
  /// How the rate changes over the steps.
  public var schedule = ScheduleKind.cosine
  /// The share of the steps in which a cosine rises.
  public var warmUp = 0.1
  /// The exponent of the poly schedule.
  public var power = 0.9
  /// The rate of the second phase; 0.4 times the first by default, as published.
  public var secondRate: Double?
  /// The step at which the second phase begins; half of all by default.
  public var switchAt: Int?
  /// The longest gradient; 0 for no limit.
  public var gradientClip = 5.0
  /// The decay of the moving average of weights; 0 for the weights themselves.
  public var averageDecay = 0.99
  /// How much of each batch's statistics enters the running ones; 0.01 as published.
  public var batchNormMomentum = 0.1
  /// From how many batches the statistics of a result are estimated anew; 0 keeps the running ones.
  public var statisticsBatches = 20

  // MARK: Watching

  /// Steps between validations; an eighth of all by default.
  public var validateEvery: Int?
  /// After how many validations without a better one the training ends; `nil` never.
  public var patience: Int?
  /// Which weights are the result, where there is a validation part.
  public var kept = Kept.best
  /// Steps between weights that stay in the run's folder; none by default.
  public var keepEvery: Int?
  /// Whether each validation draws a picture into the run's folder.
  public var overlays = false

  // MARK: The machine

  /// Who computes.
  public var backend = BackendKind.oneDNN
  /// In what numbers activations and weights are multiplied, also while it validates.
  public var precision = Precision.float32
  /// How many threads; all of the machine by default.
  public var threads: Int?
  /// Bytes that the training may use; what does not fit is computed twice. As much as is best by default.
  public var memory: Int?

  /// A request with the default recipe.
  public init(model: String, pairs: [String], classes: [String], from: String? = nil) {
    self.model = model
    self.pairs = pairs
    self.classes = classes
    self.from = from
  }
}
