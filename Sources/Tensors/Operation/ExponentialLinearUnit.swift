// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// x where positive, else alpha·(exp x − 1); in plain loops.
///
/// Clevert et al. 2015, <https://doi.org/10.48550/arXiv.1511.07289>.
public struct ExponentialLinearUnit: Sendable {
  /// What the unit approaches for very negative input, negated.
  public let alpha: Float

  /// A unit.
  public init(alpha: Float) { self.alpha = alpha }

  /// The activation of each element.
  public func forward(_ input: Tensor) -> Tensor {
    var output = input
    output.withMutableSpan { output in
      for index in output.indices where output[index] < 0 { output[index] = alpha * expm1f(output[index]) }
    }
    return output
  }

  /// The gradient by the input, from the activation: dy where y > 0, else dy·(y + alpha).
  public func backward(output: Tensor, gradient: Tensor) -> Tensor {
    var result = gradient
    output.withSpan { output in
      result.withMutableSpan { result in
        for index in result.indices where output[index] <= 0 { result[index] *= output[index] + alpha }
      }
    }
    return result
  }
}
