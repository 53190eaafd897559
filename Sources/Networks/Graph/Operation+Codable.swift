// SPDX-License-Identifier: Apache-2.0

import Tensors

extension Operation: Codable {
  private enum CodingKeys: String, CodingKey {
    case operation, channels, epsilon, alpha, kernel
  }

  /// Reads an operation from the keys of its node: `operation` names it, the others are its settings.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    let name = try keys.decode(String.self, forKey: .operation)
    switch name {
    case "input": self = .input(channels: try keys.decode(Int.self, forKey: .channels))
    case "convolution": self = .convolution(try Convolution(from: decoder))
    case "transposed_convolution": self = .transposedConvolution(try Convolution(from: decoder))
    case "batch_normalization":
      self = .batchNormalization(
        channels: try keys.decode(Int.self, forKey: .channels),
        epsilon: try keys.decodeIfPresent(Float.self, forKey: .epsilon) ?? 1e-5)
    case "elu": self = .elu(alpha: try keys.decodeIfPresent(Float.self, forKey: .alpha) ?? 1)
    case "max_pooling": self = .maxPooling(kernel: try keys.decode([Int].self, forKey: .kernel))
    case "add": self = .add
    default: throw NetworkError.invalidGraph(reason: "there is no operation \"\(name)\"")
    }
  }

  /// Writes the operation's name and settings among the keys of its node.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(name, forKey: .operation)
    switch self {
    case .input(let channels): try keys.encode(channels, forKey: .channels)
    case .convolution(let convolution), .transposedConvolution(let convolution):
      try convolution.encode(to: encoder)
    case .batchNormalization(let channels, let epsilon):
      try keys.encode(channels, forKey: .channels)
      try keys.encode(epsilon, forKey: .epsilon)
    case .elu(let alpha): try keys.encode(alpha, forKey: .alpha)
    case .maxPooling(let kernel): try keys.encode(kernel, forKey: .kernel)
    case .add: break
    case .fusedConvolution:
      throw NetworkError.invalidGraph(reason: "a graph rewritten for inference is not stored")
    }
  }
}
