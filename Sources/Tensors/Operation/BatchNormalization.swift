// SPDX-License-Identifier: Apache-2.0

/// Batch normalisation of the channels of N, C, D, H, W, in plain loops with sums in double precision.
///
/// Ioffe and Szegedy 2015, <https://doi.org/10.48550/arXiv.1502.03167>.
public struct BatchNormalization: Sendable {
  /// The mean and variance of each channel.
  public struct Statistics: Hashable, Sendable {
    /// The mean of each channel.
    public var mean: [Float]

    /// The variance of each channel.
    public var variance: [Float]

    /// Statistics of some channels.
    public init(mean: [Float], variance: [Float]) {
      self.mean = mean
      self.variance = variance
    }
  }

  /// The gradients of the operation.
  public struct Gradients: Sendable {
    /// By the input.
    public let input: Tensor

    /// By the scale of each channel.
    public let weight: Tensor

    /// By the shift of each channel.
    public let bias: Tensor
  }

  /// What keeps the divisor from zero.
  public let epsilon: Float

  /// An operation.
  public init(epsilon: Float) { self.epsilon = epsilon }

  /// The mean and the biased variance of each channel of `input`.
  public func statistics(of input: Tensor) -> Statistics {
    let (channels, volume) = (input.shape[1], input.shape.dropFirst(2).reduce(1, *))
    let number = Double(input.shape[0] * volume)
    var statistics = Statistics(mean: [], variance: [])
    input.withSpan { input in
      for channel in 0..<channels {
        func sum(_ term: (Double) -> Double) -> Double {
          var total = 0.0
          for start in stride(from: channel, to: input.count / volume, by: channels) {
            for index in start * volume..<(start + 1) * volume { total += term(Double(input[index])) }
          }
          return total
        }
        let mean = sum { $0 } / number
        statistics.mean.append(Float(mean))
        statistics.variance.append(Float(sum { ($0 - mean) * ($0 - mean) } / number))
      }
    }
    return statistics
  }

  /// (x − mean) / √(variance + epsilon) · weight + bias.
  public func forward(_ input: Tensor, weight: Tensor, bias: Tensor, _ statistics: Statistics) -> Tensor {
    var output = input
    let (channels, volume) = (input.shape[1], input.shape.dropFirst(2).reduce(1, *))
    let (weight, bias) = (weight.elements, bias.elements)
    output.withMutableSpan { output in
      for start in 0..<output.count / volume {
        let channel = start % channels
        let scale = weight[channel] / (statistics.variance[channel] + epsilon).squareRoot()
        let (mean, shift) = (statistics.mean[channel], bias[channel])
        for index in start * volume..<(start + 1) * volume {
          output[index] = (output[index] - mean) * scale + shift
        }
      }
    }
    return output
  }

  /// The gradients where `statistics` are those of `input` itself.
  ///
  /// dx = w·r·(dy − mean(dy) − x̂·mean(dy·x̂)), dw = Σ dy·x̂, db = Σ dy with r = 1/√(variance + epsilon)
  /// and x̂ = (x − mean)·r.
  public func backward(
    _ input: Tensor, weight: Tensor, _ statistics: Statistics, gradient: Tensor
  ) -> Gradients {
    let (channels, volume) = (input.shape[1], input.shape.dropFirst(2).reduce(1, *))
    let number = Double(input.shape[0] * volume)
    var result = gradient
    var (weights, biases): ([Float], [Float]) = ([], [])
    let scales = weight.elements
    input.withSpan { input in
      result.withMutableSpan { result in
        for channel in 0..<channels {
          let mean = Double(statistics.mean[channel])
          let inverse = 1 / (Double(statistics.variance[channel]) + Double(epsilon)).squareRoot()
          var (sum, product) = (0.0, 0.0)
          for start in stride(from: channel, to: input.count / volume, by: channels) {
            for index in start * volume..<(start + 1) * volume {
              sum += Double(result[index])
              product += Double(result[index]) * (Double(input[index]) - mean) * inverse
            }
          }
          weights.append(Float(product))
          biases.append(Float(sum))
          let scale = Double(scales[channel]) * inverse
          for start in stride(from: channel, to: input.count / volume, by: channels) {
            for index in start * volume..<(start + 1) * volume {
              let normalized = (Double(input[index]) - mean) * inverse
              let centered = Double(result[index]) - sum / number - normalized * product / number
              result[index] = Float(scale * centered)
            }
          }
        }
      }
    }
    return Gradients(
      input: result, weight: Tensor(weights, shape: [channels]), bias: Tensor(biases, shape: [channels]))
  }
}
