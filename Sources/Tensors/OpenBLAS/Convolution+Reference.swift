// SPDX-License-Identifier: Apache-2.0

extension Convolution {
  /// The gradients of a convolution.
  public struct Gradients: Sendable {
    /// By the input, unless not asked for.
    public let input: Tensor?

    /// By the weight, in its layout.
    public let weight: Tensor

    /// By the bias; O.
    public let bias: Tensor
  }

  /// The same operation seen from its output: a transposed convolution is the gradient of this one.
  private var reversed: Convolution {
    Convolution(
      inputChannels: outputChannels, outputChannels: inputChannels, kernel: kernel, stride: stride,
      padding: padding)
  }

  /// The result of the convolution, computed by OpenBLAS.
  ///
  /// - Parameters:
  ///   - input: N, I, D, H, W.
  ///   - weight: O, I, D, H, W; I, O, D, H, W where transposed.
  ///   - size: D, H, W of the result.
  /// - Returns: N, O, D, H, W.
  public func forward(
    _ input: Tensor, weight: Tensor, bias: Tensor, size: [Int], isTransposed: Bool
  ) -> Tensor {
    var output =
      isTransposed
      ? reversed.spread(input, weight, source: size) : correlated(input, weight, target: size)
    let volume = size.reduce(1, *)
    bias.withSpan { bias in
      output.withMutableSpan { output in
        for start in 0..<output.count / volume {
          let shift = bias[start % outputChannels]
          for index in start * volume..<(start + 1) * volume { output[index] += shift }
        }
      }
    }
    return output
  }

  /// The gradients by input, weight and bias, computed by OpenBLAS.
  ///
  /// - Parameters:
  ///   - input: What the convolution took; N, I, D, H, W.
  ///   - gradient: By its result; N, O, D, H, W.
  ///   - needsInput: Whether the gradient by the input is wanted.
  public func backward(
    _ input: Tensor, weight: Tensor, gradient: Tensor, isTransposed: Bool, needsInput: Bool = true
  ) -> Gradients {
    let size = Array(input.shape.dropFirst(2))
    var bias = Tensor(zeros: [outputChannels])
    let volume = gradient.shape.dropFirst(2).reduce(1, *)
    gradient.withSpan { gradient in
      bias.withMutableSpan { bias in
        for channel in 0..<outputChannels {
          var sum = 0.0
          for start in Swift.stride(from: channel, to: gradient.count / volume, by: outputChannels) {
            for index in start * volume..<(start + 1) * volume { sum += Double(gradient[index]) }
          }
          bias[channel] = Float(sum)
        }
      }
    }
    if isTransposed {
      return Gradients(
        input: needsInput ? reversed.correlated(gradient, weight, target: size) : nil,
        weight: reversed.weightGradient(gradient, input), bias: bias)
    }
    return Gradients(
      input: needsInput ? spread(gradient, weight, source: size) : nil,
      weight: weightGradient(input, gradient), bias: bias)
  }
}
