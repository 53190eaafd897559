// SPDX-License-Identifier: Apache-2.0

extension TrainingRequest {
  /// The widths of the network.
  public enum Preset: String, Codable, CaseIterable, Sendable {
    /// 16, 32, 48, 64, 80 of an RS-UNet, 16, 32, 64, 128, 256 of a 2-D U-Net.
    case fast
    /// 28, 36, 48, 64, 80 of an RS-UNet, 64, 128, 256, 512, 1024 of a 2-D U-Net.
    case published
  }

  /// What is done to patches.
  public enum Augmenting: String, Codable, CaseIterable, Sendable {
    /// Quarters, mirrors, mild changes of contrast and brightness.
    case mild
    /// As published.
    case published
    /// Mild, and elastic deformation, gamma, blur, noise, missing and shifted slices.
    case strong
    /// Nothing.
    case none
  }

  /// What moves the weights.
  public enum OptimizerKind: String, Codable, CaseIterable, Sendable {
    /// A decay of weights is part of the gradient.
    case adam
    /// A decay of weights acts on the weights themselves.
    case adamw
  }

  /// How the learning rate changes over the steps.
  public enum ScheduleKind: String, Codable, CaseIterable, Sendable {
    /// Not at all.
    case constant
    /// Rises, then falls along half a cosine.
    case cosine
    /// Falls as a power of what is left.
    case poly
    /// One rate, then another.
    case twoPhase = "two-phase"
  }

  /// Which weights are the result.
  public enum Kept: String, Codable, CaseIterable, Sendable {
    /// Those of the best validation.
    case best
    /// Those after the last step.
    case last
  }
}

extension TrainingRequest {
  /// How many trainings are asked for: one of each fold where none is named, else one.
  public var foldCount: Int { fold == nil ? max(1, folds ?? 1) : 1 }

  /// The training of one of ``foldCount`` folds.
  ///
  /// - Parameter number: From 1.
  public func ofFold(_ number: Int) -> TrainingRequest {
    var request = self
    if foldCount > 1 { request.fold = number }
    return request
  }
}
