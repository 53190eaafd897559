// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors
import Training

extension TrainingRequest {
  /// Checks what can be checked without a database.
  ///
  /// - Throws: ``TrainingRunError/badOption(_:reason:)``.
  public func check() throws(TrainingRunError) {
    func require(_ isRight: Bool, _ option: String, _ reason: String) throws(TrainingRunError) {
      if !isRight { throw .badOption(option, reason: reason) }
    }
    func isPositive(_ value: Double?) -> Bool { value.map { $0 > 0 && $0.isFinite } ?? true }
    func isAtLeast(_ least: Double, _ value: Double?) -> Bool {
      value.map { $0 >= least && $0.isFinite } ?? true
    }
    try require(!pairs.isEmpty, "--pair", "give at least one image with its labels")
    try require(!classes.isEmpty || from != nil, "--class", "say what is to be found")
    try require(Set(classes).count == classes.count, "--class", "a class is given twice")
    try require(
      pairWeights.isEmpty || pairWeights.count == pairs.count, "--pair-weight", "give one for every pair")
    try require(
      pairWeights.allSatisfy { $0 > 0 && $0.isFinite }, "--pair-weight", "weights are positive numbers")
    try require(!boundary || classes.count <= 1, "--boundary", "it goes with one class")
    try require(!newHead || from != nil, "--new-head", "it goes with a model to begin with")
    try require(steps >= 1, "--steps", "at least one step is needed")
    try require((batch ?? 1) >= 1, "--batch", "a batch has at least one patch")
    try require(accumulation >= 1, "--accumulate", "an update takes at least one batch")
    try require((slices ?? 1) >= 1, "--slices", "at least one slice is needed")
    try require((folds ?? 2) >= 2, "--folds", "labels are cut into two folds or more")
    try require(folds != nil || fold == nil, "--fold", "it goes with --folds")
    try require(folds == nil || fold != nil, "--folds", "a single training validates one --fold of them")
    try require((1...(folds ?? 1)).contains(fold ?? 1), "--fold", "folds are counted from 1 to --folds")
    try require((0...1).contains(foreground), "--foreground", "it lies between 0 and 1")
    try require(isPositive(learningRate), "--learning-rate", "it must be a positive number")
    try require(isPositive(secondRate), "--second-rate", "it must be a positive number")
    try require((switchAt ?? 0) >= 0, "--switch-at", "it is a number of steps")
    try require((0...1).contains(warmUp), "--warm-up", "it lies between 0 and 1")
    try require(isPositive(power), "--power", "it must be a positive number")
    try require(isAtLeast(0, weightDecay), "--weight-decay", "it must not be negative")
    try require(isAtLeast(0, smoothing), "--smoothing", "it must not be negative")
    try require(isPositive(positiveWeight), "--positive-weight", "it must be a positive number")
    try require(isAtLeast(0, focalGamma), "--focal-gamma", "it must not be negative")
    try require((0...1).contains(focalAlpha), "--focal-alpha", "it lies between 0 and 1")
    try require(isAtLeast(0, gradientClip), "--gradient-clip", "it must not be negative")
    try require((0..<1).contains(averageDecay), "--average-decay", "it lies between 0 and 1")
    try require((0...1).contains(batchNormMomentum), "--batch-norm-momentum", "it lies between 0 and 1")
    try require(statisticsBatches >= 0, "--statistics-batches", "it must not be negative")
    try require(
      (validateEvery ?? 1) >= 1, "--validate-every", "at least one step lies between validations")
    try require((patience ?? 1) >= 1, "--patience", "at least one validation is waited for")
    try require((keepEvery ?? 1) >= 1, "--keep-every", "at least one step lies between them")
    try require((threads ?? 1) >= 1, "--threads", "at least one is needed")
    if let fault = precision.fault(on: backend) { throw .badOption("--precision", reason: fault) }
    try require((memory ?? 1) >= 1, "--memory", "give an amount, as in 4GiB")
    try require(
      from == nil || voxelSize == nil, "--voxel-size",
      "a fine-tuned model keeps the one of the model it begins with")
    try require(
      patch.map { $0.count == 3 && $0.allSatisfy { $0 >= 1 } } ?? true, "--patch",
      "give depth, height and width, as in 16,96,96")
    for (name, value) in augmentation {
      guard Augmentation.settingNames.contains(name) else {
        throw .unknownWord(name, of: "setting of the augmentation", known: Augmentation.settingNames)
      }
      try require(isAtLeast(0, value), "--augment", "\(name) must not be negative")
    }
    if from == nil && !ModelDescription.isFile(architecture) { _ = try Architecture(named: architecture) }
  }

  /// What the trainer needs of it.
  ///
  /// - Precondition: It is checked, and the learning rate chosen.
  func settings(frozen: [String]) -> TrainingSettings {
    var settings = TrainingSettings(steps: steps, seed: seed, threads: threads ?? 1)
    settings.loss = Loss(
      loss, positiveWeight: positiveWeight, smoothing: smoothing, diceExtent: dice,
      focalGamma: focalGamma, focalAlpha: focalAlpha)
    let rate = learningRate ?? 3e-3
    settings.schedule =
      switch schedule {
      case .constant: .constant(rate)
      case .cosine: .cosine(rate, warmUp: warmUp)
      case .poly: .poly(rate, power: power)
      case .twoPhase: .twoPhase(rate, until: switchAt ?? steps / 2, then: secondRate ?? rate * 0.4)
      }
    settings.optimizer = Adam(
      weightDecay: weightDecay ?? (optimizer == .adamw ? 0.01 : 0), isDecayDecoupled: optimizer == .adamw)
    settings.gradientClip = gradientClip > 0 ? gradientClip : nil
    settings.averageDecay = averageDecay > 0 ? averageDecay : nil
    settings.batchNormMomentum = batchNormMomentum
    settings.statisticsBatches = statisticsBatches
    settings.accumulation = accumulation
    settings.frozen = frozen
    settings.backend = backend
    settings.precision = precision
    settings.augmentation =
      switch augmenting {
      case .mild: .mild
      case .published: .published
      case .strong: .strong
      case .none: .none
      }
    for (name, value) in augmentation { settings.augmentation.set(name, to: value) }
    return settings
  }
}

extension Architecture {
  /// - Throws: ``TrainingRunError/unknownWord(_:of:known:)``.
  init(named name: String) throws(TrainingRunError) {
    guard let known = Architecture(rawValue: name) else {
      throw .unknownWord(name, of: "architecture", known: Self.allCases.map(\.rawValue))
    }
    self = known
  }
}

extension Augmentation {
  /// What ``set(_:to:)`` knows.
  static let settingNames = [
    "rotations", "flips", "probability", "contrast", "brightness", "elastic", "gamma", "blur", "noise",
    "missing_slices", "shifted_slices", "share",
  ]

  /// Changes one setting by its name; 0 means no for rotations and flips.
  mutating func set(_ name: String, to value: Double) {
    switch name {
    case "rotations": rotations = value != 0
    case "flips": flips = value != 0
    case "probability": probability = value
    case "contrast": contrast = value
    case "brightness": brightness = value
    case "elastic": elastic = value
    case "gamma": gamma = value
    case "blur": blur = value
    case "noise": noise = value
    case "missing_slices": missingSlices = value
    case "shifted_slices": shiftedSlices = value
    default: share = value
    }
  }
}
