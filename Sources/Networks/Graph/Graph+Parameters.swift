// SPDX-License-Identifier: Apache-2.0

import Tensors

extension Graph {
  /// The role of a parameter.
  public enum ParameterRole: Hashable, Sendable {
    /// Learned by gradient: weights and biases.
    case learned

    /// Followed by a moving average: a batch normalisation's running statistics.
    case runningStatistic
  }

  /// The name, shape and role of one parameter.
  public struct ParameterSpecification: Hashable, Sendable {
    /// As in a PyTorch state dict: `conv1.bn1.running_mean`.
    public let name: String

    /// As PyTorch keeps it: O, I, D, H, W for a convolution, I, O, D, H, W for a transposed one.
    public let shape: [Int]

    /// Whether the optimiser changes it.
    public let role: ParameterRole
  }

  /// All parameters in the order of the nodes.
  public var parameterSpecifications: [ParameterSpecification] {
    nodes.flatMap(\.parameterSpecifications)
  }

  /// The names of all batch normalisations, in order.
  public var batchNormalizations: [String] {
    nodes.compactMap { node in
      if case .batchNormalization = node.operation { node.name } else { nil }
    }
  }

  /// Throws unless every parameter of the graph is there with its shape.
  public func check(_ parameters: Parameters) throws(NetworkError) {
    for wanted in parameterSpecifications {
      guard let tensor = parameters[wanted.name] else { throw .missingParameter(name: wanted.name) }
      guard tensor.shape == wanted.shape else {
        throw .parameterShape(name: wanted.name, expected: wanted.shape, found: tensor.shape)
      }
    }
  }

  /// Parameters as PyTorch starts them: weights and biases uniform within ±1/√fan-in, batch
  /// normalisations as the identity.
  ///
  /// He et al. 2015, <https://doi.org/10.1109/ICCV.2015.123>, with a = √5. Each tensor depends on the
  /// seed and its own name alone.
  public func initialParameters(seed: UInt64) -> Parameters {
    var parameters = Parameters()
    for node in nodes {
      for wanted in node.parameterSpecifications {
        parameters[wanted.name] = node.initialTensor(wanted, seed: seed)
      }
    }
    return parameters
  }
}

extension Graph.Node {
  var parameterSpecifications: [Graph.ParameterSpecification] {
    func specification(
      _ suffix: String, _ shape: [Int], _ role: Graph.ParameterRole = .learned
    ) -> Graph.ParameterSpecification {
      Graph.ParameterSpecification(name: "\(name).\(suffix)", shape: shape, role: role)
    }
    switch operation {
    case .convolution(let convolution):
      let channels = [convolution.outputChannels, convolution.inputChannels]
      return [
        specification("weight", channels + convolution.kernel),
        specification("bias", [convolution.outputChannels]),
      ]
    case .transposedConvolution(let convolution):
      let channels = [convolution.inputChannels, convolution.outputChannels]
      return [
        specification("weight", channels + convolution.kernel),
        specification("bias", [convolution.outputChannels]),
      ]
    case .batchNormalization(let channels, _):
      return [
        specification("weight", [channels]), specification("bias", [channels]),
        specification("running_mean", [channels], .runningStatistic),
        specification("running_var", [channels], .runningStatistic),
      ]
    case .input, .elu, .maxPooling, .add, .fusedConvolution: return []
    }
  }

  fileprivate func initialTensor(_ wanted: Graph.ParameterSpecification, seed: UInt64) -> Tensor {
    let fanIn: Int
    switch operation {
    case .convolution(let convolution):
      fanIn = convolution.inputChannels * convolution.kernel.reduce(1, *)
    case .transposedConvolution(let convolution):
      // PyTorch counts along the second axis of the weight, whatever it means.
      fanIn = convolution.outputChannels * convolution.kernel.reduce(1, *)
    default:
      let isOne = wanted.name.hasSuffix(".weight") || wanted.name.hasSuffix(".running_var")
      return Tensor(repeating: isOne ? 1 : 0, shape: wanted.shape)
    }
    let bound = 1 / Float(fanIn).squareRoot()
    var random = SplitMix64(seed: seed, name: wanted.name)
    let elements = (0..<wanted.shape.reduce(1, *)).map { _ in random.uniform(-bound, bound) }
    return Tensor(elements, shape: wanted.shape)
  }
}
