// SPDX-License-Identifier: Apache-2.0

import COneDNN

extension OneDNNProgram {
  /// A batch normalisation that was appended; all arrays of one number a channel.
  package struct NormalizationRecord {
    /// Who computes it.
    enum Way {
      case library(OneDNNPrimitive)
      case passes(NormalizationPasses)
    }

    let way: Way
    let epsilon: Float

    /// Whether its neighbours are part of it.
    package var joinsNeighbors: Bool { if case .passes = way { true } else { false } }

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

    /// What normalising takes and gives.
    fileprivate func arrays(
      from source: Buffer, to target: Buffer
    ) -> [(argument: onednn_argument, buffer: Buffer)] {
      [
        (ONEDNN_SOURCE, source), (ONEDNN_TARGET, target), (ONEDNN_SCALE, scale), (ONEDNN_SHIFT, shift),
        (ONEDNN_MEAN, mean), (ONEDNN_VARIANCE, variance),
      ]
    }
  }

  /// Whether a normalisation of `source` while training takes its neighbours into its passes.
  package func joinsNeighbors(of source: Buffer) -> Bool {
    NormalizationPasses.Order(layout(of: source), channels: shape(of: source)[1], precision) != nil
  }

  /// Appends a batch normalisation: by given statistics, or by the array's own while training.
  ///
  /// - Parameters:
  ///   - addend: Is added to `source`, which is overwritten by the sum.
  ///   - alpha: Of a unit behind the normalisation.
  /// - Precondition: Neighbours are given only where ``joinsNeighbors(of:)`` while training.
  package func appendNormalization(
    of source: Buffer, adding addend: Buffer? = nil, epsilon: Float, alpha: Float? = nil, isTraining: Bool,
    ring: Int = 1
  ) throws(TensorError) -> NormalizationRecord {
    let (layout, shape) = (layout(of: source), shape(of: source))
    var passes: NormalizationPasses?
    if isTraining && joinsNeighbors(of: source) {
      passes = NormalizationPasses(
        shape: shape, layout: layout, precision: precision, epsilon: epsilon, alpha: alpha)
    }
    precondition(passes != nil || addend == nil && alpha == nil, "only passes take neighbours in")
    let way: NormalizationRecord.Way =
      if let passes {
        .passes(passes)
      } else {
        .library(
          try OneDNNPrimitive.normalization(
            engine, isTraining ? ONEDNN_TRAINING : ONEDNN_INFERENCE, epsilon: epsilon, layout))
      }
    let channels = [shape[1]]
    let record = NormalizationRecord(
      way: way, epsilon: epsilon, scale: plain(channels), shift: plain(channels),
      mean: plain(channels), variance: plain(channels), target: add(layout, shape, ring: ring))
    let arrays = record.arrays(from: source, to: record.target)
    switch way {
    case .library(let primitive): append(primitive, .forward, arrays)
    case .passes(let passes):
      var summed = [
        (argument: ONEDNN_SOURCE, buffer: source), (ONEDNN_MEAN, record.mean),
        (ONEDNN_VARIANCE, record.variance),
      ]
      if let addend { summed.append((ONEDNN_SECOND, try reordered(addend, to: layout, .forward))) }
      append(.statistics(passes), .forward, summed)
      append(.application(passes), .forward, arrays)
    }
    return record
  }

  /// Appends the result once more, for the backward pass.
  ///
  /// - Parameter source: Holds what the forward pass normalised, a sum included.
  /// - Precondition: The record joins its neighbours.
  package func appendAgain(
    _ record: NormalizationRecord, of source: Buffer
  ) throws(TensorError) -> Buffer {
    guard case .passes(let passes) = record.way else {
      preconditionFailure("only passes are run again")
    }
    let target = add(layout(of: source), shape(of: source))
    append(.application(passes), .backward, record.arrays(from: source, to: target))
    return target
  }

  /// Appends the gradients of a batch normalisation and the unit in it.
  ///
  /// - Parameters:
  ///   - source: Holds what the forward pass normalised.
  ///   - isFree: Lets the input's gradient overwrite `gradient`.
  package func appendGradients(
    of record: NormalizationRecord, source: Buffer, _ gradient: Buffer, isFree: Bool
  ) throws(TensorError) -> (input: Buffer, scale: Buffer, shift: Buffer) {
    let layout = layout(of: source)
    let channels = [shape(of: source)[1]]
    let arriving = try reordered(gradient, to: layout, .backward)
    let input = isFree || arriving != gradient ? arriving : add(layout, shape(of: source))
    let (scale, shift) = (plain(channels), plain(channels))
    // The library wants the shift by its interface, the passes for the unit.
    let arrays = [
      (argument: ONEDNN_SOURCE, buffer: source), (ONEDNN_MEAN, record.mean),
      (ONEDNN_VARIANCE, record.variance), (ONEDNN_SCALE, record.scale), (ONEDNN_SHIFT, record.shift),
      (ONEDNN_TARGET_GRADIENT, arriving), (ONEDNN_SOURCE_GRADIENT, input), (ONEDNN_SCALE_GRADIENT, scale),
      (ONEDNN_SHIFT_GRADIENT, shift),
    ]
    switch record.way {
    case .library(let forward):
      let primitive = try OneDNNPrimitive.normalization(
        engine, ONEDNN_BACKWARD_DATA, epsilon: record.epsilon, layout, forward: forward)
      append(primitive, .backward, arrays)
    case .passes(let passes): append(.gradient(passes), .backward, arrays)
    }
    return (input, scale, shift)
  }
}
