// SPDX-License-Identifier: Apache-2.0

import COneDNN

extension OneDNNProgram {
  /// What follows a convolution in the same pass.
  package enum Tail {
    /// Adds an array, which is overwritten by the result.
    case sum(Buffer)

    /// Multiplies each channel by the first array and adds the second; one number a channel each.
    case scale(Buffer, Buffer)

    /// Applies the exponential linear unit.
    case elu(alpha: Float)
  }

  /// A convolution that was appended.
  package struct ConvolutionRecord {
    let convolution: Convolution
    let isTransposed: Bool
    let primitive: OneDNNPrimitive

    /// Weights as the primitive wants them.
    let ownWeight: Buffer

    /// In PyTorch's layout; written before `load` runs.
    package let weight: Buffer

    /// One number an output channel; written before `load` runs.
    package let bias: Buffer

    /// The result.
    package let target: Buffer
  }

  /// Appends a convolution.
  ///
  /// - Parameter shape: N, C, D, H, W of the result.
  package func appendConvolution(
    _ convolution: Convolution, isTransposed: Bool, of source: Buffer, shape: [Int], isTraining: Bool,
    tail: [Tail] = []
  ) throws(TensorError) -> ConvolutionRecord {
    var (operations, bindings): ([OneDNNPrimitive.Tail], [(onednn_argument, Buffer)]) = ([], [])
    var target: Buffer?
    for part in tail {
      switch part {
      case .sum(let buffer):
        operations.append(.sum)
        target = buffer
      case .scale(let factor, let shift):
        for (operation, buffer) in [(OneDNNPrimitive.Tail.multiply, factor), (.add, shift)] {
          let position = onednn_argument(ONEDNN_STEP_0.rawValue + UInt32(operations.count))
          bindings.append((position, buffer))
          operations.append(operation)
        }
      case .elu(let alpha): operations.append(.elu(alpha: alpha))
      }
    }
    let layouts = OneDNNPrimitive.ConvolutionLayouts(
      source: OneDNNLayout(any: self.shape(of: source), type: precision),
      weights: OneDNNLayout(any: convolution.weightShape, type: precision),
      target: target.map { layout(of: $0) } ?? OneDNNLayout(any: shape, type: precision))
    let primitive = try OneDNNPrimitive.convolution(
      engine, isTraining ? ONEDNN_TRAINING : ONEDNN_INFERENCE, convolution,
      isTransposed: isTransposed && !convolution.isPointwise, layouts, tail: operations)
    let weight = addWeight(convolution, isTransposed: isTransposed)
    let bias = plain([convolution.outputChannels])
    let chosen = try primitive.requiredLayout(ONEDNN_TARGET)
    let result = target ?? add(chosen, shape)
    let ownWeight = try reordered(weight, to: primitive.requiredLayout(ONEDNN_WEIGHTS), .load)
    bindings += [
      (ONEDNN_SOURCE, try reordered(source, to: primitive.requiredLayout(ONEDNN_SOURCE), .forward)),
      (ONEDNN_WEIGHTS, ownWeight), (ONEDNN_BIAS, bias), (ONEDNN_TARGET, result),
    ]
    append(primitive, .forward, bindings)
    return ConvolutionRecord(
      convolution: convolution, isTransposed: isTransposed, primitive: primitive,
      ownWeight: ownWeight, weight: weight, bias: bias, target: result)
  }

  /// Appends the result once more, for the backward pass.
  ///
  /// - Precondition: The convolution was appended for training, without a tail.
  package func appendAgain(_ record: ConvolutionRecord, of source: Buffer) throws(TensorError) -> Buffer {
    let target = add(layout(of: record.target), shape(of: record.target))
    append(
      record.primitive, .backward,
      [
        (
          ONEDNN_SOURCE,
          try reordered(source, to: record.primitive.requiredLayout(ONEDNN_SOURCE), .backward)
        ), (ONEDNN_WEIGHTS, record.ownWeight), (ONEDNN_BIAS, record.bias), (ONEDNN_TARGET, target),
      ])
    return target
  }

  /// Appends the gradients of a convolution.
  ///
  /// - Parameters:
  ///   - source: Holds what the forward pass took.
  ///   - gradient: By its result.
  /// - Returns: The gradients by the input, if wanted, by the weight in PyTorch's layout, and by the bias.
  package func appendGradients(
    of record: ConvolutionRecord, source: Buffer, _ gradient: Buffer, needsInput: Bool
  ) throws(TensorError) -> (input: Buffer?, weight: Buffer, bias: Buffer) {
    let convolution = record.convolution
    let isTransposed = record.isTransposed && !convolution.isPointwise
    // What updates the weights is single precision in any case.
    func layouts(weights: Precision) -> OneDNNPrimitive.ConvolutionLayouts {
      OneDNNPrimitive.ConvolutionLayouts(
        source: OneDNNLayout(any: shape(of: source), type: precision),
        weights: OneDNNLayout(any: convolution.weightShape, type: weights),
        target: OneDNNLayout(any: shape(of: record.target), type: precision))
    }
    let learning = try OneDNNPrimitive.convolution(
      engine, ONEDNN_BACKWARD_WEIGHTS, convolution, isTransposed: isTransposed,
      layouts(weights: .float32), forward: record.primitive)
    let bias = plain([convolution.outputChannels])
    let weight = addWeight(convolution, isTransposed: record.isTransposed)
    let own = try learning.requiredLayout(ONEDNN_WEIGHTS_GRADIENT)
    let blocked = own == layout(of: weight) ? weight : add(own, convolution.weightShape)
    append(
      learning, .backward,
      [
        (
          ONEDNN_SOURCE,
          try reordered(source, to: learning.requiredLayout(ONEDNN_SOURCE), .backward)
        ),
        (
          ONEDNN_TARGET_GRADIENT,
          try reordered(gradient, to: learning.requiredLayout(ONEDNN_TARGET_GRADIENT), .backward)
        ), (ONEDNN_WEIGHTS_GRADIENT, blocked), (ONEDNN_BIAS_GRADIENT, bias),
      ])
    if blocked != weight { try appendReorder(from: blocked, to: weight, .backward) }
    guard needsInput else { return (nil, weight, bias) }
    let passing = try OneDNNPrimitive.convolution(
      engine, ONEDNN_BACKWARD_DATA, convolution, isTransposed: isTransposed,
      layouts(weights: precision), forward: record.primitive)
    let input = try add(passing.requiredLayout(ONEDNN_SOURCE_GRADIENT), shape(of: source))
    append(
      passing, .backward,
      [
        (
          ONEDNN_TARGET_GRADIENT,
          try reordered(gradient, to: passing.requiredLayout(ONEDNN_TARGET_GRADIENT), .backward)
        ),
        (ONEDNN_WEIGHTS, try reordered(record.weight, to: passing.requiredLayout(ONEDNN_WEIGHTS), .load)),
        (ONEDNN_SOURCE_GRADIENT, input),
      ])
    return (input, weight, bias)
  }

  /// An array for weights as PyTorch lays them out, seen with the axes O, I, D, H, W.
  func addWeight(_ convolution: Convolution, isTransposed: Bool) -> Buffer {
    let shape = convolution.weightShape
    guard isTransposed else { return plain(shape) }
    let (height, width) = (shape[3], shape[4])
    let taps = shape[2] * height * width
    let strides = [taps, shape[0] * taps, height * width, width, 1]
    return add(OneDNNLayout(shape, strides: strides), shape, isPinned: true)
  }
}

extension Convolution {
  /// O, I, D, H, W.
  var weightShape: [Int] { [outputChannels, inputChannels] + kernel }

  /// Whether each voxel is taken alone: then the transposed operation is a convolution whose weights
  /// have their first two axes exchanged.
  package var isPointwise: Bool { kernel == [1, 1, 1] && stride == [1, 1, 1] && padding == [0, 0, 0] }
}
