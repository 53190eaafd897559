// SPDX-License-Identifier: Apache-2.0

import Tensors

/// What a backend does for a plan.
protocol Executor: AnyObject {
  /// Takes parameters that the graph has checked.
  func load(_ parameters: Parameters) throws(NetworkError)

  /// The network's result for an input of the plan's shape.
  func forward(_ input: Tensor) throws(NetworkError) -> Tensor

  /// The gradients of all learned parameters after `forward`.
  func backward(_ gradient: Tensor) throws(NetworkError) -> Parameters

  /// The statistics (variance biased) of the last training forward, by batch normalisation.
  var batchStatistics: [String: BatchNormalization.Statistics] { get }

  /// How many bytes the backend holds for activations, gradients and weights.
  var memoryBytes: Int { get }
}
