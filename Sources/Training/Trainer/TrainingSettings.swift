// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// Everything that decides the bytes of a training's result, beside its data.
public struct TrainingSettings: Codable, Hashable, Sendable {
  /// How many updates of the weights.
  public var steps: Int
  /// From which all random numbers come.
  public var seed: UInt64
  /// What is made small.
  public var loss: Loss
  /// How fast.
  public var schedule: LearningRateSchedule
  /// The optimiser.
  public var optimizer: Adam
  /// The longest gradient; longer ones are shortened to it.
  public var gradientClip: Double?
  /// The decay of the moving average of weights that is the result; none: the weights themselves.
  public var averageDecay: Double?
  /// How much of each batch's statistics enters the running ones.
  public var batchNormMomentum: Double
  /// From how many batches the statistics of the result are estimated anew; 0 keeps the running ones.
  public var statisticsBatches: Int
  /// From how many batches each update's gradient is the mean; each batch is normalised by itself.
  public var accumulation: Int
  /// Names of parameters that stay as they are.
  public var frozen: [String]
  /// What is done to patches.
  public var augmentation: Augmentation
  /// Who computes.
  public var backend: BackendKind
  /// In what numbers activations and weights are multiplied; gradients of weights and all that the optimiser
  /// keeps are single precision.
  public var precision: Precision
  /// How many threads compute; results depend on it in the last bits.
  public var threads: Int

  /// The default recipe.
  public init(steps: Int = 400, seed: UInt64 = 0, threads: Int = 2) {
    self.steps = steps
    self.seed = seed
    self.threads = threads
    loss = Loss(.diceCrossEntropy)
    schedule = .cosine(3e-3, warmUp: 0.1)
    optimizer = Adam()
    gradientClip = 5
    averageDecay = 0.99
    batchNormMomentum = 0.1
    statisticsBatches = 20
    accumulation = 1
    frozen = []
    augmentation = .mild
    backend = .oneDNN
    precision = .float32
  }

  enum CodingKeys: String, CodingKey {
    case steps, seed, loss, schedule, optimizer
    case gradientClip = "gradient_clip"
    case averageDecay = "average_decay"
    case batchNormMomentum = "batch_norm_momentum"
    case statisticsBatches = "statistics_batches"
    case accumulation, frozen, augmentation, backend, precision, threads
  }
}
