// SPDX-License-Identifier: Apache-2.0

import COneDNN

extension OneDNNProgram {
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
