// SPDX-License-Identifier: Apache-2.0

import CNormalization

/// What a ``NormalizationPasses`` multiplies and adds: one number a channel, and zeros behind the last
/// for lanes that have no channel.
struct NormalizationConstants: Sendable {
  /// What belongs to each channel; arrays of one number a channel.
  @safe struct Channels {
    let mean: UnsafeMutableBufferPointer<Float>
    let variance: UnsafeMutableBufferPointer<Float>
    let scale: UnsafeMutableBufferPointer<Float>
    let shift: UnsafeMutableBufferPointer<Float>
  }

  /// The inverse of each channel's deviation.
  private(set) var inverses: [Double] = []

  private let alpha: Float?

  /// Numbers in each of the five parts of ``values``.
  private let width: Int

  /// Means, factors, shifts, mean gradients and slopes.
  private var values: [Float]

  init(_ channels: Channels, _ count: Int, epsilon: Float, _ alpha: Float?) {
    self.alpha = alpha
    width = (count + 15) / 16 * 16
    values = Array(repeating: 0, count: 5 * width)
    for channel in 0..<count {
      // SAFETY: the arrays have `count` numbers; a buffer checks its bounds only in debug builds.
      let (mean, variance) = unsafe (channels.mean[channel], channels.variance[channel])
      let (scale, shift) = unsafe (channels.scale[channel], channels.shift[channel])
      let inverse = 1 / (Double(variance) + Double(epsilon)).squareRoot()
      inverses.append(inverse)
      values[channel] = mean
      values[width + channel] = Float(Double(scale) * inverse)
      values[2 * width + channel] = shift
    }
  }

  /// Tells what the gradient's last pass needs of a channel.
  mutating func set(_ channel: Int, gradient: Double, slope: Double) {
    values[3 * width + channel] = Float(gradient)
    values[4 * width + channel] = Float(slope)
  }

  /// Calls `body` with the numbers of up to 16 channels from one on.
  func withConstants(from channel: Int, _ body: (UnsafePointer<normalization_constants>) -> Void) {
    // SAFETY: each part has a number for every lane of every group of channels; the array lives during the call.
    unsafe values.withUnsafeBufferPointer { values in
      guard let start = unsafe values.baseAddress.map({ unsafe $0 + channel }) else { return }
      var constants = unsafe normalization_constants(
        mean: start, factor: start + width, shift: start + 2 * width, gradient: start + 3 * width,
        slope: start + 4 * width, alpha: alpha ?? 1, has_unit: alpha == nil ? 0 : 1)
      unsafe body(&constants)
    }
  }
}
