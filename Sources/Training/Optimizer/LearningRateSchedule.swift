// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How fast the optimiser moves at each step.
public enum LearningRateSchedule: Codable, Hashable, Sendable {
  /// The same at every step.
  case constant(Double)

  /// Rises evenly over a share of the steps, then falls to nothing along half a cosine.
  case cosine(Double, warmUp: Double)

  /// Falls to nothing as (1 − step/steps)^power; a power of 1 is a straight line.
  case poly(Double, power: Double)

  /// One rate, then from a step on another.
  case twoPhase(Double, until: Int, then: Double)

  /// The rate at a step.
  ///
  /// - Parameters:
  ///   - step: From 0.
  ///   - steps: How many there will be.
  public func rate(at step: Int, of steps: Int) -> Double {
    switch self {
    case .constant(let rate): return rate
    case .poly(let rate, let power):
      return rate * pow(max(0, 1 - Double(step) / Double(max(1, steps))), power)
    case .twoPhase(let first, let until, let second): return step < until ? first : second
    case .cosine(let rate, let share):
      let warm = max(1, Int((Double(steps) * share).rounded()))
      if step < warm { return rate * Double(step + 1) / Double(warm) }
      let progress = Double(step - warm) / Double(max(1, steps - warm))
      return rate * 0.5 * (1 + cos(Double.pi * min(1, progress)))
    }
  }
}
