// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// Everything that a node of a network can do; arrays have the axes N, C, D, H, W.
public enum Operation: Hashable, Sendable {
  /// Takes the network's input.
  case input(channels: Int)

  /// Correlates with a kernel and adds a bias: size (n + 2·padding − kernel) / stride + 1.
  case convolution(Convolution)

  /// The transpose of a convolution, plus a bias: size (n − 1)·stride + kernel − 2·padding.
  case transposedConvolution(Convolution)

  /// Normalises each channel, then scales and shifts it; by the batch's statistics while training, by
  /// the running ones otherwise. Ioffe and Szegedy 2015, <https://doi.org/10.48550/arXiv.1502.03167>.
  case batchNormalization(channels: Int, epsilon: Float)

  /// x where positive, else alpha·(exp x − 1). Clevert et al. 2015,
  /// <https://doi.org/10.48550/arXiv.1511.07289>.
  case elu(alpha: Float)

  /// The largest value of each window; windows do not overlap: size n / kernel.
  case maxPooling(kernel: [Int])

  /// The sum of two arrays of equal shape.
  case add

  /// A convolution with what follows it done in the same pass; made by passes for inference alone.
  case fusedConvolution(FusedConvolution)
}

extension Operation {
  /// What the operation is called in a model file and in messages.
  public var name: String {
    switch self {
    case .input: "input"
    case .convolution: "convolution"
    case .transposedConvolution: "transposed_convolution"
    case .batchNormalization: "batch_normalization"
    case .elu: "elu"
    case .maxPooling: "max_pooling"
    case .add: "add"
    case .fusedConvolution: "fused_convolution"
    }
  }

  /// The names of all operations that a model file may have.
  static let storedNames = [
    "input", "convolution", "transposed_convolution", "batch_normalization", "elu", "max_pooling", "add",
  ]

  /// By how much it makes each axis shorter.
  var reduction: [Int] {
    switch self {
    case .maxPooling(let kernel): kernel
    case .convolution(let convolution): convolution.stride
    case .fusedConvolution(let fused): fused.isTransposed ? [1, 1, 1] : fused.convolution.stride
    case .input, .transposedConvolution, .batchNormalization, .elu, .add: [1, 1, 1]
    }
  }

  /// How many arrays it takes.
  var inputCount: Int {
    switch self {
    case .input: 0
    case .add: 2
    case .fusedConvolution(let fused): fused.tail.contains(.sum) ? 2 : 1
    default: 1
    }
  }
}
