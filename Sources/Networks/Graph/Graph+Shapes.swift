// SPDX-License-Identifier: Apache-2.0

import Tensors

extension Graph {
  /// The shape of every node's result, in the order of the nodes.
  ///
  /// - Parameter inputShape: N, C, D, H, W.
  /// - Throws: ``NetworkError/shapeMismatch(node:reason:)`` at the first node that cannot run.
  public func shapes(inputShape: [Int]) throws(NetworkError) -> [[Int]] {
    var shapes: [[Int]] = []
    for node in nodes {
      let inputs = node.inputs.isEmpty ? [inputShape] : node.inputs.map { shapes[position(of: $0)] }
      shapes.append(try node.outputShape(inputs))
    }
    return shapes
  }

  /// The shape of the network's result.
  ///
  /// - Throws: ``NetworkError/shapeMismatch(node:reason:)`` at the first node that cannot run.
  public func outputShape(inputShape: [Int]) throws(NetworkError) -> [Int] {
    try shapes(inputShape: inputShape)[position(of: output)]
  }
}

extension Graph.Node {
  func outputShape(_ inputs: [[Int]]) throws(NetworkError) -> [Int] {
    let shape = inputs[0]
    guard shape.count == 5, shape.allSatisfy({ $0 > 0 }) else {
      throw .shapeMismatch(node: name, reason: "it takes five axes N, C, D, H, W, not \(shape)")
    }
    func requireChannels(_ channels: Int) throws(NetworkError) {
      guard shape[1] == channels else {
        throw .shapeMismatch(node: name, reason: "it takes \(channels) channels, not \(shape[1])")
      }
    }
    switch operation {
    case .input(let channels), .batchNormalization(let channels, _):
      try requireChannels(channels)
      return shape
    case .elu:
      return shape
    case .add:
      guard inputs[1] == shape else {
        throw .shapeMismatch(node: name, reason: "the two arrays have shapes \(shape) and \(inputs[1])")
      }
      return shape
    case .maxPooling(let kernel):
      guard zip(shape.dropFirst(2), kernel).allSatisfy({ $0 % $1 == 0 }) else {
        throw .shapeMismatch(
          node: name, reason: "its input of shape \(shape) does not divide into windows of \(kernel)")
      }
      return shape.prefix(2) + zip(shape.dropFirst(2), kernel).map { $0 / $1 }
    case .convolution(let convolution):
      try requireChannels(convolution.inputChannels)
      return try outputShape(shape, convolution, isTransposed: false)
    case .transposedConvolution(let convolution):
      try requireChannels(convolution.inputChannels)
      return try outputShape(shape, convolution, isTransposed: true)
    case .fusedConvolution(let fused):
      try requireChannels(fused.convolution.inputChannels)
      return try outputShape(shape, fused.convolution, isTransposed: fused.isTransposed)
    }
  }

  private func outputShape(
    _ shape: [Int], _ convolution: Convolution, isTransposed: Bool
  ) throws(NetworkError) -> [Int] {
    let sizes = (0..<3).map { axis in
      let (size, kernel) = (shape[2 + axis], convolution.kernel[axis])
      let (stride, padding) = (convolution.stride[axis], convolution.padding[axis])
      if isTransposed { return (size - 1) * stride + kernel - 2 * padding }
      return size + 2 * padding < kernel ? 0 : (size + 2 * padding - kernel) / stride + 1
    }
    guard sizes.allSatisfy({ $0 > 0 }) else {
      throw .shapeMismatch(node: name, reason: "its input of shape \(shape) is too small")
    }
    return [shape[0], convolution.outputChannels] + sizes
  }
}

extension Operation {
  /// More than any network has; a file that says more is not believed.
  private static let mostChannels = 1 << 16
  private static let mostPositions = 255

  /// What makes no sense about the settings.
  var faultInSettings: String? {
    func fault(_ values: [Int], _ what: String, from least: Int) -> String? {
      if values.count != 3 { return "its \(what) \(values) has not three axes D, H, W" }
      if values.contains(where: { $0 > Self.mostPositions }) {
        return "its \(what) \(values) is above \(Self.mostPositions)"
      }
      return values.allSatisfy { $0 >= least } ? nil : "its \(what) \(values) is below \(least)"
    }
    func fault(channels: Int) -> String? {
      if channels > Self.mostChannels { return "it has more than \(Self.mostChannels) channels" }
      return channels < 1 ? "it has no channels" : nil
    }
    func fault(_ convolution: Convolution) -> String? {
      if let reason = fault(channels: convolution.inputChannels)
        ?? fault(channels: convolution.outputChannels)
      {
        return reason
      }
      return fault(convolution.kernel, "kernel", from: 1) ?? fault(convolution.stride, "stride", from: 1)
        ?? fault(convolution.padding, "padding", from: 0)
    }
    switch self {
    case .input(let channels): return fault(channels: channels)
    case .batchNormalization(let channels, let epsilon):
      if let reason = fault(channels: channels) { return reason }
      return epsilon > 0 ? nil : "its epsilon is not positive"
    case .convolution(let convolution), .transposedConvolution(let convolution):
      return fault(convolution)
    case .fusedConvolution(let fused): return fault(fused.convolution)
    case .maxPooling(let kernel): return fault(kernel, "kernel", from: 1)
    case .elu, .add: return nil
    }
  }
}
