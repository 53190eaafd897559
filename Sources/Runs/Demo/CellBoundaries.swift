// SPDX-License-Identifier: Apache-2.0

/// Cells as the Voronoi regions of jittered points: every place knows how far the border is.
struct CellBoundaries: Sendable {
  private let spacing: Float
  private let random: CounterRandom
  private let waviness: [LatticeNoise]
  private let amplitude: Float

  /// - Parameter spacing: Between cell centres in nm.
  init(spacing: Float, random: CounterRandom) {
    self.spacing = spacing
    self.random = random.stream(0)
    amplitude = 0.12 * spacing
    waviness = (1...3).map { axis in
      LatticeNoise(spacing: spacing / 4, random: random.stream(axis))
    }
  }

  /// How far the nearest border between two cells is from a place, in nm, and which cell it lies in.
  func distance(at place: SIMD3<Float>) -> (border: Float, cell: UInt64) {
    let moved =
      place + amplitude
      * SIMD3(waviness[0].value(at: place), waviness[1].value(at: place), waviness[2].value(at: place))
    let home = (moved / spacing).rounded(.down)
    var nearest = (distance: Float.infinity, point: SIMD3<Float>.zero, cell: UInt64(0))
    var second = nearest
    for z in -1...1 {
      for y in -1...1 {
        for x in -1...1 {
          let corner = home + SIMD3(Float(z), Float(y), Float(x))
          let key = (Int(corner.x) &* 8191 &+ Int(corner.y)) &* 8191 &+ Int(corner.z)
          let jitter = SIMD3(
            random.uniform(3 &* key), random.uniform(3 &* key &+ 1), random.uniform(3 &* key &+ 2))
          let point = (corner + 0.15 + 0.7 * jitter) * spacing
          let offset = moved - point
          let distance = (offset * offset).sum()
          if distance < nearest.distance {
            second = nearest
            nearest = (distance, point, random.bits(key))
          } else if distance < second.distance {
            second = (distance, point, 0)
          }
        }
      }
    }
    let between = second.point - nearest.point
    let apart = (between * between).sum().squareRoot()
    return ((second.distance - nearest.distance) / (2 * apart), nearest.cell)
  }
}
