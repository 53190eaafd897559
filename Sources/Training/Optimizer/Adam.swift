// SPDX-License-Identifier: Apache-2.0

public import Networks
import Tensors

/// The optimisers Adam and AdamW with bias correction, as PyTorch computes them.
///
/// Kingma and Ba 2015, <https://doi.org/10.48550/arXiv.1412.6980>; Loshchilov and Hutter 2019,
/// <https://doi.org/10.48550/arXiv.1711.05101>.
public struct Adam: Codable, Hashable, Sendable {
  /// The decay of the first moment.
  public var beta1: Double

  /// The decay of the second moment.
  public var beta2: Double

  /// Added to the root of the second moment.
  public var epsilon: Double

  /// How strongly all parameters are drawn to zero.
  public var weightDecay: Double

  /// Whether the decay acts on the parameters themselves (AdamW) or is part of the gradient (Adam).
  public var isDecayDecoupled: Bool

  /// PyTorch's defaults for Adam.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0,
    isDecayDecoupled: Bool = false
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.isDecayDecoupled = isDecayDecoupled
  }

  /// The running moments of the gradients, by parameter.
  public struct Moments: Equatable, Sendable {
    /// Of the gradient.
    public var first: Parameters
    /// Of its square.
    public var second: Parameters

    /// Zeros for each of `parameters`.
    public init(like parameters: Parameters) {
      first = Parameters()
      second = Parameters()
      for (name, tensor) in parameters {
        first[name] = Tensor(zeros: tensor.shape)
        second[name] = Tensor(zeros: tensor.shape)
      }
    }

    /// Moments that were saved.
    public init(first: Parameters, second: Parameters) {
      self.first = first
      self.second = second
    }
  }

  /// Moves the parameters against their gradients.
  ///
  /// - Parameters:
  ///   - step: How many updates there have been before this one.
  ///   - gradients: By name; `scale` times these are used.
  /// - Precondition: Parameters and moments have every name of `gradients`, with equal shapes.
  public func update(
    _ parameters: inout Parameters, _ moments: inout Moments, gradients: Parameters,
    scale: Float = 1, rate: Double, step: Int
  ) {
    let correction1 = 1 - power(beta1, step + 1)
    let correction2 = 1 - power(beta2, step + 1)
    let size = Float(rate / correction1)
    let root = Float(correction2.squareRoot())
    let (decay1, decay2, epsilon) = (Float(beta1), Float(beta2), Float(epsilon))
    let shrinking = isDecayDecoupled ? Float(1 - rate * weightDecay) : 1
    let pull = isDecayDecoupled ? 0 : Float(weightDecay)
    for (name, gradient) in gradients {
      guard let place = parameters.position(of: name), let first = moments.first.position(of: name),
        let second = moments.second.position(of: name)
      else { preconditionFailure("'\(name)' has moments") }
      gradient.withSpan { gradient in
        parameters[position: place].withMutableSpan { weights in
          moments.first[position: first].withMutableSpan { first in
            moments.second[position: second].withMutableSpan { second in
              for index in gradient.indices {
                let slope = gradient[index] * scale + pull * weights[index]
                weights[index] *= shrinking
                first[index] += (slope - first[index]) * (1 - decay1)
                second[index] = second[index] * decay2 + (1 - decay2) * slope * slope
                weights[index] -= size * first[index] / (second[index].squareRoot() / root + epsilon)
              }
            }
          }
        }
      }
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}
