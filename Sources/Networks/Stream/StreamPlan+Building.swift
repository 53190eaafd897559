// SPDX-License-Identifier: Apache-2.0

import Tensors

extension StreamPlan {
  /// Appends the steps of all nodes.
  ///
  /// - Returns: The result's planes.
  func append(
    _ values: StreamValues, channels: [Int], input: OneDNNProgram.Buffer
  ) throws(TensorError) -> OneDNNProgram.Buffer {
    var buffers: [OneDNNProgram.Buffer?] = Array(repeating: nil, count: values.values.count)
    for (index, node) in stream.graph.nodes.enumerated() {
      nodes.append(PlannedNode())
      let value = values.values[index]
      if value.y.isEmpty { continue }
      let shape = [1, channels[index], 1, value.y.count, value.x.count]
      let sources = try values.sources[index].map { number throws(TensorError) in
        guard let buffer = buffers[number] else { preconditionFailure("sources come before their users") }
        return buffer
      }
      let start = program.stepCount
      let ring = value.ring
      switch node.operation {
      case .input:
        buffers[index] = try program.appendInput(from: input, ring: ring)
        nodes[index].steps = start..<program.stepCount
      case .convolution, .transposedConvolution:
        preconditionFailure("a graph for inference has fused convolutions alone")
      case .fusedConvolution(let fused):
        buffers[index] = try append(
          fused, sources, values.sources[index], values, shape, ring, at: index)
      case .batchNormalization(_, let epsilon):
        let made = try program.appendNormalization(
          of: sources[0], epsilon: epsilon, isTraining: false, ring: ring)
        nodes[index].normalization = (made, node.name)
        nodes[index].steps = start..<program.stepCount
        buffers[index] = made.target
      case .elu(let alpha):
        buffers[index] =
          try program.appendUnit(of: sources[0], alpha: alpha, isTraining: false, isFree: false, ring: ring)
          .target
        nodes[index].steps = start..<program.stepCount
      case .maxPooling(let kernel):
        buffers[index] =
          try program.appendPooling(
            of: sources[0], kernel: kernel, shape: shape, isTraining: false, ring: ring
          ).target
        nodes[index].steps = start..<program.stepCount
      case .add:
        buffers[index] = try program.appendSum(
          of: sources[0], sources[1], .forward, isFree: false, ring: ring)
        nodes[index].steps = start..<program.stepCount
      }
      // Parts that later nodes take are copied at once, so that the whole need not be kept.
      for (number, copy) in values.values.enumerated() where copy.isCopy && copy.node == index {
        guard let whole = buffers[index] else { continue }
        let first = program.stepCount
        buffers[number] = try program.appendCrop(
          of: whole, shape: [1, channels[index], 1, copy.y.count, copy.x.count],
          at: (copy.y.lowerBound - value.y.lowerBound, copy.x.lowerBound - value.x.lowerBound),
          ring: copy.ring)
        nodes[index].copies += Array(first..<program.stepCount)
      }
    }
    guard let result = buffers[stream.output] else { preconditionFailure("the output is computed") }
    return result
  }

  private func append(
    _ fused: FusedConvolution, _ sources: [OneDNNProgram.Buffer], _ numbers: [Int], _ values: StreamValues,
    _ shape: [Int], _ ring: Int, at index: Int
  ) throws(TensorError) -> OneDNNProgram.Buffer {
    let tail = scalings.tail(of: fused, adding: sources.dropFirst().first, channels: shape[1], in: program)
    // oneDNN's transposed convolution adds nothing in its own pass.
    let isApart = fused.isTransposed && !fused.convolution.isPointwise && !tail.isEmpty
    if fused.isTransposed, !fused.convolution.isPointwise {
      let start = program.stepCount
      if let made = try program.appendEnlargement(
        fused.convolution, of: sources[0], shape: shape, ring: isApart ? 1 : ring)
      {
        nodes[index].enlargement = (made, fused)
        let value = try append(tail, to: made.target, ring)
        nodes[index].steps = start..<program.stepCount
        return value
      }
    }
    let made = try program.appendPlaneConvolution(
      fused.convolution, isTransposed: fused.isTransposed, of: sources[0], shape: shape,
      ring: isApart ? 1 : ring, tail: isApart ? [] : tail)
    nodes[index].convolution = made
    nodes[index].fused = fused
    if let conversion = made.conversion { nodes[values.values[numbers[0]].node].copies.append(conversion) }
    guard isApart else { return made.target }
    let start = program.stepCount
    let value = try append(tail, to: made.target, ring)
    nodes[index].steps = start..<program.stepCount
    return value
  }

  /// Appends what follows a transposed convolution in passes of their own.
  private func append(
    _ tail: [OneDNNProgram.Tail], to result: OneDNNProgram.Buffer, _ ring: Int
  ) throws(TensorError) -> OneDNNProgram.Buffer {
    var value = result
    for (number, step) in tail.enumerated() {
      // What is kept for later planes is written by the last of the steps.
      let isLast = number == tail.count - 1 && ring > 1
      switch step {
      case .sum(let addend):
        value = try program.appendSum(of: value, addend, .forward, isFree: !isLast, ring: ring)
      case .elu(let alpha):
        value =
          try program.appendUnit(of: value, alpha: alpha, isTraining: false, isFree: !isLast, ring: ring)
          .target
      case .scale: preconditionFailure("a scaling is not taken into a transposed convolution")
      }
    }
    return value
  }

  /// Writes all parameters, as PyTorch keeps them, to where `load` takes them from.
  func write(_ parameters: Parameters) {
    func write(_ name: String, to buffer: OneDNNProgram.Buffer) {
      guard let tensor = parameters[name] else { preconditionFailure("parameters are checked on loading") }
      program.write(tensor, to: buffer)
    }
    for node in nodes {
      if let made = node.convolution, let fused = node.fused {
        let (weight, bias) = fused.foldedParameters(of: parameters)
        for (position, buffer) in made.weights.enumerated() {
          program.write(weight.plane(position, of: fused.convolution.kernel), to: buffer)
        }
        program.write(bias, to: made.bias)
        program.write(Tensor(zeros: bias.shape), to: made.noBias)
      }
      if let (made, fused) = node.enlargement {
        let (weight, bias) = fused.foldedParameters(of: parameters)
        let (rectangle, biases) = fused.convolution.rectangles(weight, bias)
        program.write(rectangle, to: made.weight)
        program.write(biases, to: made.bias)
      }
      if let (record, name) = node.normalization {
        write("\(name).weight", to: record.scale)
        write("\(name).bias", to: record.shift)
        write("\(name).running_mean", to: record.mean)
        write("\(name).running_var", to: record.variance)
      }
    }
    scalings.write(parameters, to: program)
  }
}

extension Tensor {
  /// The weights of one position along z of a kernel: O, I, 1, H, W of O, I, D, H, W.
  fileprivate func plane(_ position: Int, of kernel: [Int]) -> Tensor {
    let area = kernel[1] * kernel[2]
    let pairs = count / (kernel[0] * area)
    var result = Tensor(zeros: [shape[0], shape[1], 1, kernel[1], kernel[2]])
    withSpan { source in
      result.withMutableSpan { target in
        for pair in 0..<pairs {
          for tap in 0..<area {
            target[pair * area + tap] = source[(pair * kernel[0] + position) * area + tap]
          }
        }
      }
    }
    return result
  }
}

extension Convolution {
  /// The weights of a transposed convolution for all positions of its kernel at once.
  ///
  /// - Parameter weight: I, O, 1, H, W.
  /// - Returns: H·W·O, I, 1, 1, 1, and the biases for each of the first.
  fileprivate func rectangles(_ weight: Tensor, _ bias: Tensor) -> (weight: Tensor, bias: Tensor) {
    let taps = kernel.reduce(1, *)
    var result = Tensor(zeros: [taps * outputChannels, inputChannels, 1, 1, 1])
    var biases = Tensor(zeros: [taps * outputChannels])
    weight.withSpan { source in
      result.withMutableSpan { target in
        for tap in 0..<taps {
          for output in 0..<outputChannels {
            for input in 0..<inputChannels {
              target[(tap * outputChannels + output) * inputChannels + input] =
                source[(input * outputChannels + output) * taps + tap]
            }
          }
        }
      }
    }
    bias.withSpan { source in
      biases.withMutableSpan { target in
        for index in target.indices { target[index] = source[index % outputChannels] }
      }
    }
    return (result, biases)
  }
}
