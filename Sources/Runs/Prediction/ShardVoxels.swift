// SPDX-License-Identifier: Apache-2.0

import Arrays

/// The voxels of one shard while it is made: labels, and probabilities in 255 steps.
struct ShardVoxels {
  let box: Box
  private(set) var labels: [UInt8]

  /// For each class, if they are wanted.
  private(set) var probabilities: [[UInt8]]

  /// With several classes, the highest probability so far.
  private var highest: [Float]

  /// - Parameter labels: What was there before; zeros by default.
  init(_ box: Box, labels: [UInt8]?, classCount: Int, hasProbabilities: Bool) {
    self.box = box
    self.labels = labels ?? [UInt8](repeating: 0, count: box.count)
    probabilities = Array(
      repeating: [UInt8](repeating: 0, count: hasProbabilities ? box.count : 0),
      count: hasProbabilities ? classCount : 0)
    highest = classCount > 1 ? [Float](repeating: 0, count: box.count) : []
  }

  /// Fills a part: each voxel gets the likeliest class above the threshold, counted from 1, else 0.
  mutating func fill(_ part: Box, from field: ProbabilityField, threshold: Float) {
    field.forEachRow(in: part) { channel, z, y, line in
      let start =
        ((z - box.lower[0]) * box.extent[1] + y - box.lower[1]) * box.extent[2] + part.lower[2]
        - box.lower[2]
      for (x, probability) in line.enumerated() {
        let isBest = highest.isEmpty || channel == 0 || probability > highest[start + x]
        if channel == 0 { labels[start + x] = 0 }
        if isBest {
          if !highest.isEmpty { highest[start + x] = probability }
          if probability > threshold { labels[start + x] = UInt8(channel + 1) }
        }
        if !probabilities.isEmpty {
          probabilities[channel][start + x] = UInt8((probability * 255).rounded())
        }
      }
    }
  }
}
