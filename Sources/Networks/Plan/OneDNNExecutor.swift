// SPDX-License-Identifier: Apache-2.0

import Tensors

/// Translates the graph into a oneDNN program once, then runs it.
final class OneDNNExecutor: Executor {
  typealias Buffer = OneDNNProgram.Buffer

  /// The graph that is run: rewritten for inference.
  let graph: Graph
  let mode: Plan.Mode
  let shapes: [[Int]]
  let program: OneDNNProgram

  /// What each node has appended, for its gradient and its parameters.
  enum Entry {
    case input
    case convolution(OneDNNProgram.ConvolutionRecord, fused: FusedConvolution?)
    case normalization(OneDNNProgram.NormalizationRecord)
    case unit(OneDNNProgram.UnitRecord)
    case pooling(OneDNNProgram.PoolingRecord)
    case sum
    /// A unit that the normalisation in front of it does.
    case joined
  }

  let recomputation: Recomputation
  var entries: [Entry] = []
  var values: [Buffer] = []

  /// The scales and shifts of normalisations that follow a sum inside a convolution.
  var scalings = Scalings()

  /// Where each learned parameter's gradient arrives.
  var gradients: [String: Buffer] = [:]

  /// By the position of a sum that a normalisation does: the input that it overwrites, and the other.
  var joinedSums: [Int: (overwritten: Int, added: Int)] = [:]

  /// What has been computed again for the gradients, by position.
  var again: [Int: Buffer] = [:]

  private var input: Buffer
  private var output: Buffer
  private var outputGradient: Buffer?
  private let specifications: [Graph.ParameterSpecification]

  init(
    _ original: Graph, inputShape: [Int], mode: Plan.Mode, precision: Precision, threads: Int,
    recomputation: Recomputation
  ) throws(NetworkError) {
    self.recomputation = recomputation
    graph = mode == .inference ? original.fusedForInference() : original
    self.mode = mode
    specifications = original.parameterSpecifications
    shapes = try graph.shapes(inputShape: inputShape)
    do throws(TensorError) {
      program = try OneDNNProgram(threads: threads, precision: precision)
      input = program.plain(inputShape)
      output = program.plain(shapes[graph.position(of: graph.output)])
      try program.build { () throws(TensorError) in
        try appendForward(input)
        try program.appendReorder(from: values[graph.position(of: graph.output)], to: output, .forward)
        guard mode == .training else { return }
        let gradient = program.plain(shapes[graph.position(of: graph.output)])
        outputGradient = gradient
        try appendBackward(gradient)
      }
      try program.finish()
    } catch {
      throw .backend(reason: "\(error)")
    }
  }

  var memoryBytes: Int { program.memoryBytes }

  func load(_ parameters: Parameters) throws(NetworkError) {
    func write(_ name: String, to buffer: Buffer) {
      guard let tensor = parameters[name] else { preconditionFailure("parameters are checked on loading") }
      program.write(tensor, to: buffer)
    }
    for (node, entry) in zip(graph.nodes, entries) {
      switch entry {
      case .convolution(let record, nil):
        write("\(node.name).weight", to: record.weight)
        write("\(node.name).bias", to: record.bias)
      case .convolution(let record, let fused?):
        let (weight, bias) = fused.foldedParameters(of: parameters)
        program.write(weight, to: record.weight)
        program.write(bias, to: record.bias)
      case .normalization(let record):
        write("\(node.name).weight", to: record.scale)
        write("\(node.name).bias", to: record.shift)
        guard mode == .inference else { continue }
        write("\(node.name).running_mean", to: record.mean)
        write("\(node.name).running_var", to: record.variance)
      case .input, .unit, .pooling, .sum, .joined: break
      }
    }
    scalings.write(parameters, to: program)
    try run(.load)
  }

  func forward(_ tensor: Tensor) throws(NetworkError) -> Tensor {
    program.write(tensor, to: input)
    try run(.forward)
    return program.read(output)
  }

  func backward(_ gradient: Tensor) throws(NetworkError) -> Parameters {
    guard let outputGradient else { preconditionFailure("backward needs a plan for training") }
    program.write(gradient, to: outputGradient)
    try run(.backward)
    var result = Parameters()
    for wanted in specifications where wanted.role == .learned {
      result[wanted.name] =
        gradients[wanted.name].map { program.read($0, shape: wanted.shape) } ?? Tensor(zeros: wanted.shape)
    }
    return result
  }

  var batchStatistics: [String: BatchNormalization.Statistics] {
    var statistics: [String: BatchNormalization.Statistics] = [:]
    for (node, entry) in zip(graph.nodes, entries) {
      guard mode == .training, case .normalization(let record) = entry else { continue }
      statistics[node.name] = BatchNormalization.Statistics(
        mean: program.read(record.mean).elements, variance: program.read(record.variance).elements)
    }
    return statistics
  }

  private func run(_ phase: OneDNNProgram.Phase) throws(NetworkError) {
    do throws(TensorError) { try program.run(phase) } catch { throw .backend(reason: "\(error)") }
  }
}
