// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Augmentation {
  /// Changes grey values as bad sections, focus and detectors do.
  func disturb(_ tensor: inout Tensor, item: Int, _ random: inout SplitMix64) {
    let size = tensor.shape[1...].reduce(1, *)
    let start = item * size
    let hasGamma = random.uniform() < Float(share)
    let exponent = exp(random.uniform(-1, 1) * Float(gamma))
    if gamma > 0 && hasGamma {
      tensor.withMutableSpan { values in
        for index in start..<start + size {
          let share = min(1, max(0, (values[index] + 1) / 2))
          values[index] = 2 * pow(share, exponent) - 1
        }
      }
    }
    let hasBlur = random.uniform() < Float(share)
    let sigma = random.uniform() * Float(blur)
    if blur > 0 && hasBlur && sigma > 0.1 { smooth(&tensor, item: item, sigma: sigma) }
    let hasNoise = random.uniform() < Float(share)
    let deviation = random.uniform() * Float(noise)
    let key = random.next()
    if noise > 0 && hasNoise {
      var stream = SplitMix64(seed: key)
      tensor.withMutableSpan { values in
        for index in start..<start + size {
          values[index] = min(1, max(-1, values[index] + deviation * stream.normal()))
        }
      }
    }
    let depth = tensor.shape[2]
    let isMissing = random.uniform() < Float(missingSlices)
    let missing = Int(random.next() % UInt64(depth))
    let value = random.uniform(-1, 1)
    // A patch of one slice would be nothing but blank.
    if missingSlices > 0 && isMissing && depth > 1 {
      let plane = tensor.shape[3] * tensor.shape[4]
      tensor.withMutableSpan { values in
        for channel in 0..<size / (depth * plane) {
          let first = start + (channel * depth + missing) * plane
          for index in first..<first + plane { values[index] = value }
        }
      }
    }
  }

  /// A Gaussian blur of every plane of an item, the edge going on beyond it.
  private func smooth(_ tensor: inout Tensor, item: Int, sigma: Float) {
    let radius = Int((3 * sigma).rounded(.up))
    var kernel = (-radius...radius).map { exp(-Float($0 * $0) / (2 * sigma * sigma)) }
    let sum = kernel.reduce(0, +)
    kernel = kernel.map { $0 / sum }
    let (height, width) = (tensor.shape[3], tensor.shape[4])
    let planes = tensor.shape[1] * tensor.shape[2]
    for plane in item * planes..<(item + 1) * planes {
      let start = plane * height * width
      let rows = tensor.withSpan { span in
        (0..<height * width).map { place -> Float in
          let (y, x) = (place / width, place % width)
          var sum: Float = 0
          for (tap, weight) in kernel.enumerated() {
            let from = min(max(x + tap - radius, 0), width - 1)
            sum += weight * span[start + y * width + from]
          }
          return sum
        }
      }
      tensor.withMutableSpan { target in
        for y in 0..<height {
          for x in 0..<width {
            var sum: Float = 0
            for (tap, weight) in kernel.enumerated() {
              sum += weight * rows[min(max(y + tap - radius, 0), height - 1) * width + x]
            }
            target[start + y * width + x] = sum
          }
        }
      }
    }
  }
}

extension SplitMix64 {
  /// A number of the standard normal distribution: Box and Muller 1958,
  /// <https://doi.org/10.1214/aoms/1177706645>.
  fileprivate mutating func normal() -> Float {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * Float.pi * uniform())
  }
}
