// SPDX-License-Identifier: Apache-2.0

import COneDNN

/// Operations on single planes (D = 1) of arrays that are streamed along z and kept in rings.
extension OneDNNProgram {
  /// A convolution that reads several planes and writes one.
  ///
  /// It is a sum of convolutions of one plane each, one for each position along z of the kernel; where the
  /// array has no such plane, that position is left out, as if the plane were zero. Nothing but the planes
  /// themselves is kept, and they need not lie side by side.
  package struct PlaneConvolutionRecord {
    /// For each position along z the weights in PyTorch's layout, O, I, 1, H, W; written before `load` runs.
    package let weights: [Buffer]

    /// One number an output channel; written before `load` runs.
    package let bias: Buffer

    /// As ``bias``, to be filled with zeros.
    package let noBias: Buffer

    /// The result.
    package let target: Buffer

    /// To be run for each plane of the source once it is there, if the source lies otherwise than needed.
    package let conversion: Int?

    /// For each position along z the steps, by whether it is the first (2) and whether it is the last (1).
    let steps: [[Int]]

    /// The steps that compute a plane from the positions of the kernel for which there is a source.
    package func steps(_ positions: ClosedRange<Int>, plane: Int) -> [(step: Int, plane: Int)] {
      positions.map { position in
        let isFirst = position == positions.lowerBound
        let isLast = position == positions.upperBound
        return (steps[position][(isFirst ? 2 : 0) + (isLast ? 1 : 0)], plane)
      }
    }
  }

  /// Appends a convolution of planes.
  ///
  /// - Parameters:
  ///   - shape: N, C, 1, H, W of the result.
  ///   - ring: How many planes of the result are kept; ignored where it overwrites what the tail adds.
  package func appendPlaneConvolution(
    _ convolution: Convolution, isTransposed: Bool, of source: Buffer, shape: [Int], ring: Int, tail: [Tail]
  ) throws(TensorError) -> PlaneConvolutionRecord {
    let depth = convolution.kernel[0]
    var flat = convolution
    (flat.kernel[0], flat.padding[0], flat.stride[0]) = (1, 0, 1)
    var target: Buffer?
    if case .sum(let buffer)? = tail.first { target = buffer }
    let whole = arguments(of: tail, isFirst: true, isLast: true)
    let chosen = try planeConvolution(
      flat, isTransposed, source, target.map { layout(of: $0) }, shape, whole.operations)
    let (sourceLayout, targetLayout) = (
      try chosen.requiredLayout(ONEDNN_SOURCE), try chosen.requiredLayout(ONEDNN_TARGET)
    )
    let (taken, conversion) = try converted(source, to: sourceLayout)
    let result = target ?? add(targetLayout, shape, ring: ring)
    let (bias, noBias) = (plain([convolution.outputChannels]), plain([convolution.outputChannels]))
    let weights = (0..<depth).map { _ in addWeight(flat, isTransposed: isTransposed) }

    var steps = Array(repeating: [0, 0, 0, 0], count: depth)
    var blocked: [[Buffer]] = Array(repeating: [], count: depth)
    for variant in depth == 1 ? [3] : [3, 1, 2, 0] {
      let (isFirst, isLast) = (variant & 2 != 0, variant & 1 != 0)
      let (operations, bindings) = arguments(of: tail, isFirst: isFirst, isLast: isLast)
      let primitive =
        variant == 3
        ? chosen
        : try OneDNNPrimitive.convolution(
          engine, ONEDNN_INFERENCE, flat, isTransposed: isTransposed && !flat.isPointwise,
          OneDNNPrimitive.ConvolutionLayouts(
            source: sourceLayout, weights: OneDNNLayout(any: flat.weightShape, type: precision),
            target: targetLayout), tail: operations)
      let wanted = try primitive.requiredLayout(ONEDNN_WEIGHTS)
      for position in 0..<depth {
        var own = blocked[position].first { layout(of: $0) == wanted }
        if own == nil {
          own = try reordered(weights[position], to: wanted, .load)
          blocked[position] += own.map { [$0] } ?? []
        }
        steps[position][variant] = self.steps.count
        append(
          primitive, .forward,
          bindings + [
            (ONEDNN_SOURCE, taken), (ONEDNN_WEIGHTS, own ?? weights[position]),
            (ONEDNN_BIAS, isFirst ? bias : noBias), (ONEDNN_TARGET, result),
          ], sourceOffset: position - convolution.padding[0])
      }
    }
    return PlaneConvolutionRecord(
      weights: weights, bias: bias, noBias: noBias, target: result, conversion: conversion, steps: steps)
  }

  /// The operation that reads its source as it lies, if there is one.
  private func planeConvolution(
    _ convolution: Convolution, _ isTransposed: Bool, _ source: Buffer, _ target: OneDNNLayout?,
    _ shape: [Int], _ operations: [OneDNNPrimitive.Tail]
  ) throws(TensorError) -> OneDNNPrimitive {
    func make(_ source: OneDNNLayout) throws(TensorError) -> OneDNNPrimitive {
      try OneDNNPrimitive.convolution(
        engine, ONEDNN_INFERENCE, convolution, isTransposed: isTransposed && !convolution.isPointwise,
        OneDNNPrimitive.ConvolutionLayouts(
          source: source, weights: OneDNNLayout(any: convolution.weightShape, type: precision),
          target: target ?? OneDNNLayout(any: shape, type: precision)), tail: operations)
    }
    let free = try make(OneDNNLayout(any: self.shape(of: source), type: precision))
    if try free.requiredLayout(ONEDNN_SOURCE) == layout(of: source) { return free }
    do throws(TensorError) { return try make(layout(of: source)) } catch { return free }
  }

  /// What follows the convolution of one position of the kernel: the first adds what the tail adds, the
  /// others add to what is there, and the last does the rest.
  private func arguments(
    of tail: [Tail], isFirst: Bool, isLast: Bool
  ) -> (operations: [OneDNNPrimitive.Tail], bindings: [(argument: onednn_argument, buffer: Buffer)]) {
    var operations: [OneDNNPrimitive.Tail] = isFirst ? [] : [.sum]
    var bindings: [(argument: onednn_argument, buffer: Buffer)] = []
    for part in tail {
      switch part {
      case .sum: if isFirst { operations.append(.sum) }
      case .elu(let alpha): if isLast { operations.append(.elu(alpha: alpha)) }
      case .scale(let factor, let shift):
        guard isLast else { continue }
        for (operation, buffer) in [(OneDNNPrimitive.Tail.multiply, factor), (.add, shift)] {
          bindings.append((onednn_argument(ONEDNN_STEP_0.rawValue + UInt32(operations.count)), buffer))
          operations.append(operation)
        }
      }
    }
    return (operations, bindings)
  }

  /// The same planes in another layout, and the step that copies one; itself where it lies so already.
  private func converted(
    _ source: Buffer, to layout: OneDNNLayout
  ) throws(TensorError) -> (buffer: Buffer, step: Int?) {
    if self.layout(of: source) == layout { return (source, nil) }
    // Written before the steps that stand before it are run, hence never at a place shared with theirs.
    let copy = add(layout, shape(of: source), isPinned: true, ring: records[source.index].ring)
    try appendReorder(from: source, to: copy, .forward)
    return (copy, steps.count - 1)
  }

  /// A transposed convolution of planes whose kernel is its stride.
  package struct EnlargementRecord {
    /// Output channels for each position of the kernel, then input channels; written before `load` runs.
    package let weight: Buffer

    /// Output channels for each position of the kernel.
    package let bias: Buffer

    /// The result.
    package let target: Buffer
  }

  /// Appends a transposed convolution whose kernel is its stride: each voxel makes a rectangle of its own.
  ///
  /// It is a convolution of single voxels to as many channels as the rectangle has in all, whose rows are
  /// then moved to where they belong: where the channels of a voxel lie side by side, so do those of the
  /// voxels of a rectangle's row.
  ///
  /// - Parameter shape: N, C, 1, H, W of the result.
  /// - Returns: `nil` where the channels do not lie so.
  package func appendEnlargement(
    _ convolution: Convolution, of source: Buffer, shape: [Int], ring: Int
  ) throws(TensorError) -> EnlargementRecord? {
    guard layout(of: source).isChannelsLast, shape[1] > 1 else { return nil }
    let (rows, columns) = (convolution.kernel[1], convolution.kernel[2])
    let small = self.shape(of: source)
    let width = columns * shape[1]
    let pointwise = Convolution(
      inputChannels: convolution.inputChannels, outputChannels: rows * width, kernel: [1, 1, 1],
      padding: [0, 0, 0])
    let made = try appendPlaneConvolution(
      pointwise, isTransposed: false, of: source,
      shape: [small[0], rows * width, 1, small[3], small[4]], ring: 1, tail: [])
    guard made.conversion == nil, layout(of: made.target).isChannelsLast else {
      throw .oneDNN(operation: "enlargement", reason: "channels do not stay side by side")
    }
    let bytes = precision == .bfloat16 ? 2 : 4
    let target = add(try layout(of: source).alike(shape, type: precision), shape, ring: ring)
    let line = shape[4] * shape[1]
    let part = [small[0], width, 1, small[3], small[4]]
    for row in 0..<rows {
      let from = add(
        try layout(of: made.target).part(part, at: [0, row * width, 0, 0, 0]), part, parent: made.target)
      let strides = [shape[3] * line, 1, shape[3] * line, rows * line, width]
      let to = add(
        OneDNNLayout(part, strides: strides, type: precision), part, parent: target,
        offset: row * line * bytes)
      try appendReorder(from: from, to: to, .forward)
    }
    return EnlargementRecord(weight: made.weights[0], bias: made.bias, target: target)
  }

  /// Appends a copy of a part of each plane.
  ///
  /// - Parameters:
  ///   - shape: N, C, 1, H, W of the part.
  ///   - origin: Where it begins along H and W.
  ///   - ring: How many planes of the copy are kept.
  package func appendCrop(
    of source: Buffer, shape: [Int], at origin: (y: Int, x: Int), ring: Int
  ) throws(TensorError) -> Buffer {
    let whole = layout(of: source)
    let part = try whole.part(shape, at: [0, 0, 0, origin.y, origin.x])
    let view = add(part, shape, isPinned: records[source.index].isPinned, parent: source)
    let target = add(try whole.alike(shape, type: precision), shape, ring: ring)
    try appendReorder(from: view, to: target, .forward)
    return target
  }

  /// Appends an array of planes in C order that keeps its place: what is written from outside.
  package func appendInput(
    from staged: Buffer, ring: Int
  ) throws(TensorError) -> Buffer {
    if ring == 1 && precision == .float32 { return staged }
    let target = add(OneDNNLayout(shape(of: staged), type: precision), shape(of: staged), ring: ring)
    try appendReorder(from: staged, to: target, .forward)
    return target
  }

  /// How many steps there are.
  package var stepCount: Int { steps.count }
}
