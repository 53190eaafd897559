// SPDX-License-Identifier: Apache-2.0

import COneDNN

extension OneDNNPrimitive {
  /// What a convolution does with its result before writing it.
  enum Tail {
    case sum
    case elu(alpha: Float)
    case multiply
    case add

    var step: onednn_step {
      switch self {
      case .sum: onednn_step(kind: ONEDNN_SUM, alpha: 0)
      case .elu(let alpha): onednn_step(kind: ONEDNN_ELU, alpha: alpha)
      case .multiply: onednn_step(kind: ONEDNN_MULTIPLY, alpha: 0)
      case .add: onednn_step(kind: ONEDNN_ADD, alpha: 0)
      }
    }
  }

  /// The three layouts of a convolution, or of their gradients.
  struct ConvolutionLayouts {
    let source: OneDNNLayout
    let weights: OneDNNLayout
    let target: OneDNNLayout
  }

  static func convolution(
    _ engine: OneDNNEngine, _ pass: onednn_pass, _ convolution: Convolution, isTransposed: Bool,
    _ layouts: ConvolutionLayouts, tail: [Tail] = [], forward: OneDNNPrimitive? = nil
  ) throws(TensorError) -> OneDNNPrimitive {
    let (stride, padding) = (convolution.stride.map(Int64.init), convolution.padding.map(Int64.init))
    let name = isTransposed ? "transposed convolution" : "convolution"
    let shape = "\(name) \(convolution.inputChannels)→\(convolution.outputChannels), \(convolution.kernel)"
    // SAFETY: every object and array lives during the call; `made` takes one pointer.
    return try unsafe OneDNNPrimitive(shape) { made in
      var description = unsafe onednn_convolution(
        source: layouts.source.pointer, weights: layouts.weights.pointer, target: layouts.target.pointer,
        strides: (stride[0], stride[1], stride[2]), padding: (padding[0], padding[1], padding[2]),
        output_channels: Int64(convolution.outputChannels))
      return unsafe onednn_convolution_create(
        made, engine.pointer, pass, isTransposed ? 1 : 0, &description, tail.map(\.step),
        Int32(tail.count), forward?.pointer)
    }
  }

  static func pooling(
    _ engine: OneDNNEngine, _ pass: onednn_pass, kernel: [Int], _ source: OneDNNLayout,
    _ target: OneDNNLayout, forward: OneDNNPrimitive? = nil
  ) throws(TensorError) -> OneDNNPrimitive {
    // SAFETY: every object and array lives during the call; `made` takes one pointer.
    try unsafe OneDNNPrimitive("max pooling") { made in
      unsafe onednn_pooling_create(
        made, engine.pointer, pass, source.pointer, target.pointer, kernel.map(Int64.init),
        forward?.pointer)
    }
  }

  static func normalization(
    _ engine: OneDNNEngine, _ pass: onednn_pass, epsilon: Float, _ source: OneDNNLayout,
    forward: OneDNNPrimitive? = nil
  ) throws(TensorError) -> OneDNNPrimitive {
    // SAFETY: every object lives during the call; `made` takes one pointer.
    try unsafe OneDNNPrimitive("batch normalisation") { made in
      unsafe onednn_normalization_create(
        made, engine.pointer, pass, source.pointer, epsilon, forward?.pointer)
    }
  }

  static func elu(
    _ engine: OneDNNEngine, _ pass: onednn_pass, alpha: Float, _ source: OneDNNLayout,
    forward: OneDNNPrimitive? = nil
  ) throws(TensorError) -> OneDNNPrimitive {
    // SAFETY: every object lives during the call; `made` takes one pointer.
    try unsafe OneDNNPrimitive("exponential linear unit") { made in
      unsafe onednn_elu_create(made, engine.pointer, pass, source.pointer, alpha, forward?.pointer)
    }
  }

  static func addition(
    _ engine: OneDNNEngine, _ source: OneDNNLayout, _ second: OneDNNLayout, _ target: OneDNNLayout
  ) throws(TensorError) -> OneDNNPrimitive {
    // SAFETY: every object lives during the call; `made` takes one pointer.
    try unsafe OneDNNPrimitive("sum") { made in
      unsafe onednn_addition_create(made, engine.pointer, source.pointer, second.pointer, target.pointer)
    }
  }

  static func reorder(
    _ engine: OneDNNEngine, _ source: OneDNNLayout, _ target: OneDNNLayout
  ) throws(TensorError) -> OneDNNPrimitive {
    // SAFETY: every object lives during the call; `made` takes one pointer.
    try unsafe OneDNNPrimitive("change of layout") { made in
      unsafe onednn_reorder_create(made, engine.pointer, source.pointer, target.pointer)
    }
  }
}
