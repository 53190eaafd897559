// SPDX-License-Identifier: Apache-2.0

/// Sums over the known voxels that one Dice is taken of.
struct LossSums {
  private(set) var count = 0
  /// Of the loss without Dice.
  private(set) var entropy = 0.0
  private var product = 0.0
  private var probability = 0.0
  private var positive = 0.0

  mutating func add(_ logit: Double, _ truth: Double, _ loss: Loss) {
    let probability = sigmoid(logit)
    count += 1
    product += probability * truth
    self.probability += probability
    positive += truth
    entropy += loss.pointLoss(logit, truth)
  }

  func dice(_ smoothing: Double) -> Double {
    1 - (2 * product + smoothing) / (probability + positive + smoothing)
  }

  /// The derivative of ``dice(_:)`` by one voxel's logit.
  func diceSlope(_ logit: Double, _ truth: Double, _ smoothing: Double) -> Double {
    let denominator = probability + positive + smoothing
    let numerator = 2 * product + smoothing
    let own = sigmoid(logit)
    return -(2 * truth * denominator - numerator) / (denominator * denominator) * own * (1 - own)
  }
}
