// SPDX-License-Identifier: Apache-2.0

import Tensors

extension Graph {
  /// How many multiply-accumulate operations the convolutions of one pass take.
  ///
  /// - Throws: ``NetworkError/shapeMismatch(node:reason:)`` if the network cannot run on that shape.
  public func multiplyAccumulates(inputShape: [Int]) throws(NetworkError) -> Int {
    let shapes = try shapes(inputShape: inputShape)
    var total = 0
    for (index, node) in nodes.enumerated() {
      let (convolution, isTransposed): (Convolution, Bool)
      switch node.operation {
      case .convolution(let plain): (convolution, isTransposed) = (plain, false)
      case .transposedConvolution(let plain): (convolution, isTransposed) = (plain, true)
      case .fusedConvolution(let fused):
        (convolution, isTransposed) = (fused.convolution, fused.isTransposed)
      case .input, .batchNormalization, .elu, .maxPooling, .add: continue
      }
      let walked = isTransposed ? shapes[position(of: node.inputs[0])] : shapes[index]
      let taps = convolution.inputChannels * convolution.outputChannels * convolution.kernel.reduce(1, *)
      total += taps * walked[0] * walked.dropFirst(2).reduce(1, *)
    }
    return total
  }
}
