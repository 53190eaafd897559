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

  /// How far points in the plane are moved at most, in voxels, by a smooth field of displacements that all
  /// planes of a patch share; image and labels alike.
  public var elastic: Double

  /// The greatest natural logarithm of the exponent of grey values, up or down.
  public var gamma: Double

  /// The greatest standard deviation of a Gaussian blur in the plane, in voxels.
  public var blur: Double

  /// The greatest standard deviation of Gaussian noise, where the grey values have the range −1 … 1.
  public var noise: Double

  /// How often one plane of a patch is blanked while its labels stay.
  public var missingSlices: Double

  /// How far a plane, or all from one on, is shifted at most, in voxels; image and labels alike.
  public var shiftedSlices: Double

  /// How often each of elastic deformation, gamma, blur, noise and shift is done.
  public var share: Double

  /// Changes; those that are not named are left out.
  public init(
    rotations: Bool, flips: Bool, probability: Double, contrast: Double, brightness: Double,
    elastic: Double = 0, gamma: Double = 0, blur: Double = 0, noise: Double = 0,
    missingSlices: Double = 0, shiftedSlices: Double = 0, share: Double = 0.3
  ) {
    self.rotations = rotations
    self.flips = flips
    self.probability = probability
    self.contrast = contrast
    self.brightness = brightness
    self.elastic = elastic
    self.gamma = gamma
    self.blur = blur
    self.noise = noise
    self.missingSlices = missingSlices
    self.shiftedSlices = shiftedSlices
    self.share = share
  }

  enum CodingKeys: String, CodingKey {
    case rotations, flips, probability, contrast, brightness, elastic, gamma, blur, noise, share
    case missingSlices = "missing_slices"
    case shiftedSlices = "shifted_slices"
  }

  /// No change at all.
  public static let none = Augmentation(
    rotations: false, flips: false, probability: 0, contrast: 0, brightness: 0)

  /// Quarters, mirrors and mild changes of contrast and brightness: the default.
  public static let mild = Augmentation(
    rotations: true, flips: true, probability: 0.75, contrast: 0.2, brightness: 0.1)

  /// As published: quarters, and with probability 0.75 contrast × U(0.5, 1.5), brightness + U(−0.5, 0.5).
  public static let published = Augmentation(
    rotations: true, flips: false, probability: 0.75, contrast: 0.5, brightness: 0.5)

  /// The mild changes and all others that people use for electron microscopy.
  public static let strong = Augmentation(
    rotations: true, flips: true, probability: 0.75, contrast: 0.3, brightness: 0.2, elastic: 4,
    gamma: 0.3, blur: 1, noise: 0.1, missingSlices: 0.05, shiftedSlices: 4)

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
      // Numbers of their own, so that switching these on changes nothing of what is drawn above.
      var more = SplitMix64(seed: seed, keys: 0xA07, UInt64(step), UInt64(item))
      warp(&batch, item: item, &more)
      disturb(&batch.input, item: item, &more)
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
