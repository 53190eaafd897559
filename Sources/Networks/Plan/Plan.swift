// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// A graph made ready for a backend, an input shape and a mode.
///
/// ```swift
/// let plan = try Plan(graph, inputShape: [2, 1, 16, 96, 96], mode: .training)
/// try plan.load(parameters)
/// let logits = try plan.forward(patches)
/// let gradients = try plan.backward(lossGradient)
/// ```
///
/// Equal input, parameters, backend and thread count give equal bits. A plan is used by one thread at
/// a time; oneDNN's work runs on a thread of its own.
public final class Plan {
  /// What a plan is for.
  public enum Mode: String, Codable, Hashable, Sendable {
    /// Batch normalisation by running statistics, folded into the convolutions; activations are given
    /// up after their last use.
    case inference

    /// Batch normalisation by the batch's statistics; what the gradients need is kept.
    case training
  }

  /// The network.
  public let graph: Graph

  /// N, C, D, H, W of what goes in.
  public let inputShape: [Int]

  /// N, C, D, H, W of what comes out.
  public let outputShape: [Int]

  /// What the plan is for.
  public let mode: Mode

  /// Who computes.
  public let backend: BackendKind

  /// In what numbers activations and weights are multiplied; what goes in and comes out is single precision.
  public let precision: Precision

  private let executor: any Executor
  private var isLoaded = false
  private var hasForward = false

  /// Prepares a network.
  ///
  /// - Parameters:
  ///   - inputShape: N, C, D, H, W.
  ///   - threads: How many threads compute at once; results depend on it in the last bits.
  ///   - recomputation: What is computed twice to save memory while training; OpenBLAS keeps everything.
  /// - Throws: ``NetworkError/shapeMismatch(node:reason:)`` if the network cannot run on that shape,
  ///   ``NetworkError/backend(reason:)`` if the backend cannot, ``NetworkError/unsupportedPrecision(_:)`` if
  ///   backend or CPU have none such.
  public init(
    _ graph: Graph, inputShape: [Int], mode: Mode, backend: BackendKind = .oneDNN,
    precision: Precision = .float32, threads: Int = 2, recomputation: Recomputation = .none
  ) throws(NetworkError) {
    if precision.fault(on: backend) != nil { throw .unsupportedPrecision(precision.rawValue) }
    self.graph = graph
    self.inputShape = inputShape
    self.mode = mode
    self.backend = backend
    self.precision = precision
    outputShape = try graph.outputShape(inputShape: inputShape)
    switch backend {
    case .oneDNN:
      executor = try OneDNNExecutor(
        graph, inputShape: inputShape, mode: mode, precision: precision, threads: threads,
        recomputation: recomputation)
    case .openBLAS:
      executor = try OpenBLASExecutor(graph, inputShape: inputShape, mode: mode, threads: threads)
    }
  }

  /// How many bytes the backend holds for activations, gradients and weights.
  public var memoryBytes: Int { executor.memoryBytes }

  /// Takes the parameters for the passes to come, in whatever layout the backend prefers.
  ///
  /// - Throws: ``NetworkError/missingParameter(name:)`` or
  ///   ``NetworkError/parameterShape(name:expected:found:)``.
  public func load(_ parameters: Parameters) throws(NetworkError) {
    try graph.check(parameters)
    try executor.load(parameters)
    isLoaded = true
  }

  /// The network's result.
  ///
  /// - Parameter input: Of shape ``inputShape``.
  /// - Returns: Of shape ``outputShape``.
  /// - Throws: ``NetworkError/inputShape(expected:found:)``.
  /// - Precondition: Parameters have been loaded.
  public func forward(_ input: Tensor) throws(NetworkError) -> Tensor {
    precondition(isLoaded, "a plan is loaded with parameters before it runs")
    guard input.shape == inputShape else {
      throw .inputShape(expected: inputShape, found: input.shape)
    }
    let output = try executor.forward(input)
    hasForward = true
    return output
  }

  /// The gradients of all learned parameters, by name, in the order of the graph.
  ///
  /// - Parameter outputGradient: The gradient of the loss by the result of the last `forward`.
  /// - Throws: ``NetworkError/inputShape(expected:found:)`` for a gradient of another shape.
  /// - Precondition: The mode is training, and one `forward` came before each call.
  public func backward(_ outputGradient: Tensor) throws(NetworkError) -> Parameters {
    precondition(mode == .training && hasForward, "backward follows forward in training mode")
    guard outputGradient.shape == outputShape else {
      throw .inputShape(expected: outputShape, found: outputGradient.shape)
    }
    hasForward = false
    return try executor.backward(outputGradient)
  }

  /// The mean and the unbiased variance of every batch normalisation's channels in the last forward
  /// of training mode, by the name of the node.
  public var batchStatistics: [String: BatchNormalization.Statistics] {
    guard let shapes = try? graph.shapes(inputShape: inputShape) else { return [:] }
    var statistics = executor.batchStatistics
    for (node, shape) in zip(graph.nodes, shapes) {
      guard let biased = statistics[node.name]?.variance else { continue }
      let number = Float(shape[0] * shape.dropFirst(2).reduce(1, *))
      let correction = number > 1 ? number / (number - 1) : 1
      statistics[node.name]?.variance = biased.map { $0 * correction }
    }
    return statistics
  }
}
