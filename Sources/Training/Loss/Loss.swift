// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// What a training makes small, over the voxels whose label is known.
///
/// Soft Dice 1 − (2·Σpt + s)/(Σp + Σt + s), with p the sigmoid of the logits and the sums over the whole
/// batch: Milletari et al. 2016, <https://doi.org/10.1109/3DV.2016.79>. Cross-entropy is the mean of
/// −w·t·log p − (1 − t)·log(1 − p). With several channels the Dice losses are averaged over those
/// that have a known voxel.
public struct Loss: Codable, Hashable, Sendable {
  /// Which terms.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// Soft Dice alone.
    case dice
    /// Soft Dice plus binary cross-entropy.
    case diceCrossEntropy = "dice+bce"
    /// Binary cross-entropy alone.
    case crossEntropy = "bce"
  }

  /// Which terms.
  public var kind: Kind

  /// The weight w of positive voxels in the cross-entropy.
  public var positiveWeight: Double

  /// The smoothing s of Dice.
  public var smoothing: Double

  /// A loss.
  public init(_ kind: Kind, positiveWeight: Double = 1, smoothing: Double = 1) {
    self.kind = kind
    self.positiveWeight = positiveWeight
    self.smoothing = smoothing
  }

  enum CodingKeys: String, CodingKey {
    case kind
    case positiveWeight = "positive_weight"
    case smoothing
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
    var sums = [Sums](repeating: Sums(), count: channels)
    logits.withSpan { logits in
      target.withSpan { target in
        mask.withSpan { mask in
          for item in 0..<items {
            for channel in 0..<channels {
              let start = (item * channels + channel) * voxels
              for index in start..<start + voxels where mask[index] != 0 {
                sums[channel].add(Double(logits[index]), Double(target[index]), positiveWeight)
              }
            }
          }
        }
      }
    }
    let known = sums.reduce(0) { $0 + $1.count }
    var gradient = Tensor(zeros: logits.shape)
    guard known > 0 else { return (0, gradient) }
    let active = Double(sums.count { $0.count > 0 })
    let hasDice = kind != .crossEntropy
    let hasEntropy = kind != .dice
    var loss = 0.0
    if hasDice { loss += sums.reduce(0) { $0 + ($1.count > 0 ? $1.dice(smoothing) : 0) } / active }
    if hasEntropy { loss += sums.reduce(0) { $0 + $1.entropy } / Double(known) }
    gradient.withMutableSpan { gradient in
      logits.withSpan { logits in
        target.withSpan { target in
          mask.withSpan { mask in
            for item in 0..<items {
              for channel in 0..<channels {
                let sum = sums[channel]
                let denominator = sum.probability + sum.positive + smoothing
                let numerator = 2 * sum.product + smoothing
                let start = (item * channels + channel) * voxels
                for index in start..<start + voxels where mask[index] != 0 {
                  let truth = Double(target[index])
                  let probability = sigmoid(Double(logits[index]))
                  var slope = 0.0
                  if hasDice {
                    let byProbability =
                      -(2 * truth * denominator - numerator) / (denominator * denominator * active)
                    slope += byProbability * probability * (1 - probability)
                  }
                  if hasEntropy {
                    slope +=
                      ((1 - truth) * probability - positiveWeight * truth * (1 - probability))
                      / Double(known)
                  }
                  gradient[index] = Float(slope)
                }
              }
            }
          }
        }
      }
    }
    return (loss, gradient)
  }

  private struct Sums {
    var count = 0
    var product = 0.0
    var probability = 0.0
    var positive = 0.0
    var entropy = 0.0

    mutating func add(_ logit: Double, _ truth: Double, _ weight: Double) {
      let probability = sigmoid(logit)
      count += 1
      product += probability * truth
      self.probability += probability
      positive += truth
      // log(1 + e^-|x|) keeps both logarithms finite for any logit.
      let tail = logOnePlus(-abs(logit))
      entropy += weight * truth * (max(-logit, 0) + tail) + (1 - truth) * (max(logit, 0) + tail)
    }

    func dice(_ smoothing: Double) -> Double {
      1 - (2 * product + smoothing) / (probability + positive + smoothing)
    }
  }
}
