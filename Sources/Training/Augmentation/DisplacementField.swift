// SPDX-License-Identifier: Apache-2.0

import Networks

/// A smooth field of displacements in the plane: random vectors on a coarse grid, between them cubic
/// B-splines, so that no displacement is longer than the longest vector.
struct DisplacementField {
  private let width: Int
  private let y: [Float]
  private let x: [Float]

  /// Voxels between the vectors.
  static let spacing = 32

  /// - Parameter amplitude: The greatest component of a vector, in voxels.
  init(height: Int, width: Int, amplitude: Float, seed: UInt64) {
    self.width = width
    var random = SplitMix64(seed: seed)
    let rows = (height - 1) / Self.spacing + 4
    let columns = (width - 1) / Self.spacing + 4
    var components: [[Float]] = []
    for _ in 0..<2 {
      let vectors = (0..<rows * columns).map { _ in random.uniform(-amplitude, amplitude) }
      var values = [Float](repeating: 0, count: height * width)
      for y in 0..<height {
        let (row, rowWeights) = Self.weights(y)
        for x in 0..<width {
          let (column, columnWeights) = Self.weights(x)
          var sum: Float = 0
          for i in 0..<4 {
            for j in 0..<4 {
              sum += rowWeights[i] * columnWeights[j] * vectors[(row + i) * columns + column + j]
            }
          }
          values[y * width + x] = sum
        }
      }
      components.append(values)
    }
    (self.y, self.x) = (components[0], components[1])
  }

  func displacement(_ y: Int, _ x: Int) -> (y: Float, x: Float) {
    (self.y[y * width + x], self.x[y * width + x])
  }

  /// The first of four vectors that act on a position, and by how much each does.
  private static func weights(_ position: Int) -> (first: Int, weights: [Float]) {
    let t = Float(position % spacing) / Float(spacing)
    let (t2, t3) = (t * t, t * t * t)
    return (
      position / spacing,
      [
        (1 - t) * (1 - t) * (1 - t) / 6, (3 * t3 - 6 * t2 + 4) / 6, (-3 * t3 + 3 * t2 + 3 * t + 1) / 6,
        t3 / 6,
      ]
    )
  }
}
