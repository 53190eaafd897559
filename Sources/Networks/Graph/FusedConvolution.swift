// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// A convolution together with what follows it: made by passes for inference, never stored.
public struct FusedConvolution: Codable, Hashable, Sendable {
  /// What is done to the result before it is written.
  public enum Step: Codable, Hashable, Sendable {
    /// Adds the node's second input, which is overwritten.
    case sum

    /// Multiplies and shifts each channel as the batch normalisation of that name would.
    case normalize(String, epsilon: Float)

    /// Applies the exponential linear unit.
    case elu(alpha: Float)
  }

  /// The convolution itself.
  public var convolution: Convolution

  /// Whether it is a transposed one.
  public var isTransposed: Bool

  /// The state-dict prefix of its weight and bias.
  public var parameters: String

  /// The batch normalisation that was folded into weight and bias.
  public var folded: Step?

  /// What follows, in order.
  public var tail: [Step]
}
