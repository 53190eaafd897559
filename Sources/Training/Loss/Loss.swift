// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// What a training makes small, over the voxels whose label is known.
///
/// Soft Dice 1 − (2·Σpt + s)/(Σp + Σt + s), with p the sigmoid of the logits and the sums over the whole
/// batch or over each sample: Milletari et al. 2016, <https://doi.org/10.1109/3DV.2016.79>. Cross-entropy
/// is the mean of −w·t·log p − (1 − t)·log(1 − p); the focal loss that of −α·(1 − p)^γ·log p where t is 1
/// and −(1 − α)·p^γ·log(1 − p) elsewhere: Lin et al. 2017, <https://doi.org/10.1109/ICCV.2017.324>. Dice
/// is averaged over the channels (and samples) that have a known voxel.
public struct Loss: Codable, Hashable, Sendable {
  /// Which terms.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// Soft Dice alone.
    case dice
    /// Soft Dice plus binary cross-entropy.
    case diceCrossEntropy = "dice+bce"
    /// Binary cross-entropy alone.
    case crossEntropy = "bce"
    /// The focal loss alone.
    case focal
    /// Soft Dice plus the focal loss.
    case diceFocal = "dice+focal"

    var hasDice: Bool { self == .dice || self == .diceCrossEntropy || self == .diceFocal }
    var hasEntropy: Bool { self == .crossEntropy || self == .diceCrossEntropy }
    var hasFocal: Bool { self == .focal || self == .diceFocal }
  }

  /// Over what the sums of Dice go.
  public enum DiceExtent: String, Codable, CaseIterable, Sendable {
    /// All patches of a batch together, as published.
    case batch
    /// Each patch alone.
    case sample
  }

  /// Which terms.
  public var kind: Kind

  /// The weight w of positive voxels in the cross-entropy.
  public var positiveWeight: Double

  /// The smoothing s of Dice.
  public var smoothing: Double

  /// Over what the sums of Dice go.
  public var diceExtent: DiceExtent

  /// The exponent γ of the focal loss.
  public var focalGamma: Double

  /// The weight α of positive voxels in the focal loss.
  public var focalAlpha: Double

  /// A loss; γ and α are by default those of the paper.
  public init(
    _ kind: Kind, positiveWeight: Double = 1, smoothing: Double = 1, diceExtent: DiceExtent = .batch,
    focalGamma: Double = 2, focalAlpha: Double = 0.25
  ) {
    self.kind = kind
    self.positiveWeight = positiveWeight
    self.smoothing = smoothing
    self.diceExtent = diceExtent
    self.focalGamma = focalGamma
    self.focalAlpha = focalAlpha
  }

  enum CodingKeys: String, CodingKey {
    case kind
    case positiveWeight = "positive_weight"
    case smoothing
    case diceExtent = "dice_extent"
    case focalGamma = "focal_gamma"
    case focalAlpha = "focal_alpha"
  }

  /// The loss and its gradient by the logits, summed in double precision and in one order.
  ///
  /// - Parameters:
  ///   - logits: N, C, D, H, W.
  ///   - target: Zeros and ones of that shape.
  ///   - mask: Ones where the target is known; elsewhere the gradient is zero. With no known voxel
  ///     the loss and the gradient are zero.
  /// - Precondition: Equal shapes.
  public func value(logits: Tensor, target: Tensor, mask: Tensor) -> (loss: Double, gradient: Tensor) {
    precondition(
      logits.shape == target.shape && logits.shape == mask.shape && logits.shape.count == 5,
      "logits, target and mask have one shape")
    let (items, channels) = (logits.shape[0], logits.shape[1])
    let voxels = logits.shape[2...].reduce(1, *)
    // Each run of voxels, a channel of an item, adds to one group of sums.
    let groups = diceExtent == .sample ? items * channels : channels
    var sums = [LossSums](repeating: LossSums(), count: groups)
    logits.withSpan { logits in
      target.withSpan { target in
        mask.withSpan { mask in
          for part in 0..<items * channels {
            for index in part * voxels..<(part + 1) * voxels where mask[index] != 0 {
              sums[part % groups].add(Double(logits[index]), Double(target[index]), self)
            }
          }
        }
      }
    }
    let known = sums.reduce(0) { $0 + $1.count }
    var gradient = Tensor(zeros: logits.shape)
    guard known > 0 else { return (0, gradient) }
    let active = Double(sums.count { $0.count > 0 })
    var loss = 0.0
    if kind.hasDice {
      loss += sums.reduce(0) { $0 + ($1.count > 0 ? $1.dice(smoothing) : 0) } / active
    }
    loss += sums.reduce(0) { $0 + $1.entropy } / Double(known)
    gradient.withMutableSpan { gradient in
      logits.withSpan { logits in
        target.withSpan { target in
          mask.withSpan { mask in
            for part in 0..<items * channels {
              let sum = sums[part % groups]
              for index in part * voxels..<(part + 1) * voxels where mask[index] != 0 {
                let (logit, truth) = (Double(logits[index]), Double(target[index]))
                var slope = pointSlope(logit, truth) / Double(known)
                if kind.hasDice { slope += sum.diceSlope(logit, truth, smoothing) / active }
                gradient[index] = Float(slope)
              }
            }
          }
        }
      }
    }
    return (loss, gradient)
  }

  /// The loss of one voxel without Dice.
  func pointLoss(_ logit: Double, _ truth: Double) -> Double {
    // log(1 + e^-|x|) keeps both logarithms finite for any logit.
    let tail = logOnePlus(-abs(logit))
    let (positive, negative) = (max(-logit, 0) + tail, max(logit, 0) + tail)
    if kind.hasEntropy { return positiveWeight * truth * positive + (1 - truth) * negative }
    if !kind.hasFocal { return 0 }
    let probability = sigmoid(logit)
    return focalAlpha * truth * power(1 - probability, focalGamma) * positive
      + (1 - focalAlpha) * (1 - truth) * power(probability, focalGamma) * negative
  }

  /// Its derivative by the logit.
  func pointSlope(_ logit: Double, _ truth: Double) -> Double {
    let probability = sigmoid(logit)
    if kind.hasEntropy {
      return (1 - truth) * probability - positiveWeight * truth * (1 - probability)
    }
    if !kind.hasFocal { return 0 }
    let tail = logOnePlus(-abs(logit))
    let (positive, negative) = (max(-logit, 0) + tail, max(logit, 0) + tail)
    let rest = 1 - probability
    return -focalAlpha * truth * power(rest, focalGamma) * (focalGamma * probability * positive + rest)
      + (1 - focalAlpha) * (1 - truth) * power(probability, focalGamma)
      * (focalGamma * rest * negative + probability)
  }
}
