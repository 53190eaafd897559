// SPDX-License-Identifier: Apache-2.0

import COneDNN

extension OneDNNProgram {
  /// A batch normalisation that was appended; all arrays of one number a channel.
  package struct NormalizationRecord {
    let epsilon: Float
    let source: Buffer
    let primitive: OneDNNPrimitive

    /// Written before `forward` runs.
    package let scale: Buffer

    /// Written before `forward` runs.
    package let shift: Buffer

    /// Written before `forward` runs in inference; the batch's after it in training.
    package let mean: Buffer

    /// As ``mean``; the biased variance.
    package let variance: Buffer

    /// The result.
    package let target: Buffer
  }

  /// Appends a batch normalisation: by given statistics, or by the array's own while training.
  package func appendNormalization(
    of source: Buffer, epsilon: Float, isTraining: Bool, ring: Int = 1
  ) throws(TensorError) -> NormalizationRecord {
    let primitive = try OneDNNPrimitive.normalization(
      engine, isTraining ? ONEDNN_TRAINING : ONEDNN_INFERENCE, epsilon: epsilon, layout(of: source))
    let channels = [shape(of: source)[1]]
    let record = NormalizationRecord(
      epsilon: epsilon, source: source, primitive: primitive, scale: plain(channels),
      shift: plain(channels), mean: plain(channels), variance: plain(channels),
      target: add(layout(of: source), shape(of: source), ring: ring))
    append(
      primitive, .forward,
      [
        (ONEDNN_SOURCE, source), (ONEDNN_TARGET, record.target), (ONEDNN_SCALE, record.scale),
        (ONEDNN_SHIFT, record.shift), (ONEDNN_MEAN, record.mean), (ONEDNN_VARIANCE, record.variance),
      ])
    return record
  }

  /// Appends the gradients of a batch normalisation; `isFree` lets the input's overwrite `gradient`.
  package func appendGradients(
    of record: NormalizationRecord, _ gradient: Buffer, isFree: Bool
  ) throws(TensorError) -> (input: Buffer, scale: Buffer, shift: Buffer) {
    let layout = layout(of: record.source)
    let primitive = try OneDNNPrimitive.normalization(
      engine, ONEDNN_BACKWARD_DATA, epsilon: record.epsilon, layout, forward: record.primitive)
    let channels = [shape(of: record.source)[1]]
    let arriving = try reordered(gradient, to: layout, .backward)
    let input = isFree || arriving != gradient ? arriving : add(layout, shape(of: record.source))
    let (scale, shift) = (plain(channels), plain(channels))
    append(
      primitive, .backward,
      [
        (ONEDNN_SOURCE, record.source), (ONEDNN_MEAN, record.mean), (ONEDNN_VARIANCE, record.variance),
        (ONEDNN_SCALE, record.scale), (ONEDNN_SHIFT, record.shift), (ONEDNN_TARGET_GRADIENT, arriving),
        (ONEDNN_SOURCE_GRADIENT, input), (ONEDNN_SCALE_GRADIENT, scale), (ONEDNN_SHIFT_GRADIENT, shift),
      ])
    return (input, scale, shift)
  }

  /// An exponential linear unit that was appended.
  package struct UnitRecord {
    let alpha: Float
    let primitive: OneDNNPrimitive

    /// The result.
    package let target: Buffer
  }

  /// Appends an exponential linear unit; `isFree` lets the result overwrite `source`.
  package func appendUnit(
    of source: Buffer, alpha: Float, isTraining: Bool, isFree: Bool, ring: Int = 1
  ) throws(TensorError) -> UnitRecord {
    let primitive = try OneDNNPrimitive.elu(
      engine, isTraining ? ONEDNN_TRAINING : ONEDNN_INFERENCE, alpha: alpha, layout(of: source))
    let target = isFree ? source : add(layout(of: source), shape(of: source), ring: ring)
    append(primitive, .forward, [(ONEDNN_SOURCE, source), (ONEDNN_TARGET, target)])
    return UnitRecord(alpha: alpha, primitive: primitive, target: target)
  }

  /// Appends the gradient of a unit by its input; `isFree` lets it overwrite `gradient`.
  package func appendGradient(
    of record: UnitRecord, _ gradient: Buffer, isFree: Bool
  ) throws(TensorError) -> Buffer {
    let layout = layout(of: record.target)
    let primitive = try OneDNNPrimitive.elu(
      engine, ONEDNN_BACKWARD_DATA, alpha: record.alpha, layout, forward: record.primitive)
    let arriving = try reordered(gradient, to: layout, .backward)
    let input = isFree || arriving != gradient ? arriving : add(layout, shape(of: record.target))
    append(
      primitive, .backward,
      [
        (ONEDNN_TARGET, record.target), (ONEDNN_TARGET_GRADIENT, arriving),
        (ONEDNN_SOURCE_GRADIENT, input),
      ])
    return input
  }

  /// A max pooling that was appended.
  package struct PoolingRecord {
    let kernel: [Int]
    let source: Buffer
    let primitive: OneDNNPrimitive
    let workspace: Buffer?

    /// The result.
    package let target: Buffer
  }

  /// Appends a max pooling.
  package func appendPooling(
    of source: Buffer, kernel: [Int], shape: [Int], isTraining: Bool, ring: Int = 1
  ) throws(TensorError) -> PoolingRecord {
    let primitive = try OneDNNPrimitive.pooling(
      engine, isTraining ? ONEDNN_TRAINING : ONEDNN_INFERENCE, kernel: kernel, layout(of: source),
      OneDNNLayout(any: shape, type: precision))
    let target = try add(primitive.requiredLayout(ONEDNN_TARGET), shape, ring: ring)
    let workspace = primitive.layout(ONEDNN_WORKSPACE).map { add($0, shape) }
    append(
      primitive, .forward,
      [(ONEDNN_SOURCE, source), (ONEDNN_TARGET, target)] + (workspace.map { [(ONEDNN_WORKSPACE, $0)] } ?? []))
    return PoolingRecord(
      kernel: kernel, source: source, primitive: primitive, workspace: workspace, target: target)
  }

  /// Appends the gradient of a max pooling by its input.
  package func appendGradient(
    of record: PoolingRecord, _ gradient: Buffer
  ) throws(TensorError) -> Buffer {
    let (source, target) = (layout(of: record.source), layout(of: record.target))
    let primitive = try OneDNNPrimitive.pooling(
      engine, ONEDNN_BACKWARD_DATA, kernel: record.kernel, source, target, forward: record.primitive)
    let arriving = try reordered(gradient, to: target, .backward)
    let input = add(source, shape(of: record.source))
    append(
      primitive, .backward,
      [(ONEDNN_TARGET_GRADIENT, arriving), (ONEDNN_SOURCE_GRADIENT, input)]
        + (record.workspace.map { [(ONEDNN_WORKSPACE, $0)] } ?? []))
    return input
  }

  /// Appends the sum of two arrays; `isFree` lets it overwrite `first`.
  package func appendSum(
    of first: Buffer, _ second: Buffer, _ phase: Phase, isFree: Bool, ring: Int = 1
  ) throws(TensorError) -> Buffer {
    let layout = layout(of: first)
    let other = try reordered(second, to: layout, phase)
    let primitive = try OneDNNPrimitive.addition(engine, layout, layout, layout)
    let target = isFree ? first : add(layout, shape(of: first), ring: ring)
    append(primitive, phase, [(ONEDNN_SOURCE, first), (ONEDNN_SECOND, other), (ONEDNN_TARGET, target)])
    return target
  }
}
