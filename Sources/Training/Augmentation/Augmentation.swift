// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors

/// Random changes of training patches that leave their meaning alone.
public struct Augmentation: Codable, Hashable, Sendable {
  /// Whether patches are turned by quarters in the plane.
  public var rotations: Bool

  /// Whether patches are mirrored along each axis, z included.
  public var flips: Bool

  /// How often grey values are changed.
  public var probability: Double

  /// By how much the contrast factor differs from 1 at most.
  public var contrast: Double

  /// How much is added at most, where the grey values have the range −1 … 1.
  public var brightness: Double

  /// No change at all.
  public static let none = Augmentation(
    rotations: false, flips: false, probability: 0, contrast: 0, brightness: 0)

  /// Quarters, mirrors and mild changes of contrast and brightness: the default.
  public static let mild = Augmentation(
    rotations: true, flips: true, probability: 0.75, contrast: 0.2, brightness: 0.1)

  /// As published: quarters, and with probability 0.75 contrast × U(0.5, 1.5), brightness + U(−0.5, 0.5).
  public static let published = Augmentation(
    rotations: true, flips: false, probability: 0.75, contrast: 0.5, brightness: 0.5)

  /// Changes every item of a batch by random numbers of its own.
  ///
  /// Quarters are turned only where height and width are equal, else only halves.
  public func apply(to batch: inout Batch, seed: UInt64, step: Int) {
    for item in 0..<batch.input.shape[0] {
      var random = SplitMix64(seed: seed, keys: 0xA06, UInt64(step), UInt64(item))
      let square = batch.input.shape[3] == batch.input.shape[4]
      var quarters = Int(random.next() >> 62)
      if !square { quarters &= 2 }
      let mirrors = (0..<3).map { _ in random.next() >> 63 == 1 }
      let placement = Placement(
        shape: Array(batch.input.shape[2...]), quarters: rotations ? quarters : 0,
        mirrors: flips ? mirrors : [false, false, false])
      if !placement.isIdentity {
        batch.input = placement.moved(batch.input, item: item)
        batch.target = placement.moved(batch.target, item: item)
        batch.mask = placement.moved(batch.mask, item: item)
      }
      let changed = random.uniform() < Float(probability)
      let factor = 1 + random.uniform(-1, 1) * Float(contrast)
      let shift = random.uniform(-1, 1) * Float(brightness)
      if changed && (contrast > 0 || brightness > 0) {
        recolour(&batch.input, item: item, factor: factor, shift: shift)
      }
    }
  }

  private func recolour(_ tensor: inout Tensor, item: Int, factor: Float, shift: Float) {
    let size = tensor.shape[1...].reduce(1, *)
    tensor.withMutableSpan { values in
      for index in item * size..<(item + 1) * size {
        values[index] = min(1, max(-1, values[index] * factor + shift))
      }
    }
  }
}
