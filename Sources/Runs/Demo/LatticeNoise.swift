// SPDX-License-Identifier: Apache-2.0

/// Smooth random values in space, −1 … 1: random ones on a cubic lattice, interpolated with a smooth
/// step along each axis. The lattice is turned, so that its axes do not show, and repeats.
struct LatticeNoise: Sendable {
  private static let size = 32

  private let spacing: Float
  private let values: [Float]

  /// - Parameter spacing: Between lattice points in nm: how large the blobs are.
  init(spacing: Float, random: CounterRandom) {
    self.spacing = spacing
    values = (0..<Self.size * Self.size * Self.size).map { random.uniform($0, in: -1...1) }
  }

  /// The value at a place in nm (z, y, x).
  func value(at place: SIMD3<Float>) -> Float { gradient(at: place).value }

  /// The value at a place, and how steeply it rises there per nm.
  func gradient(at place: SIMD3<Float>) -> (value: Float, slope: Float) {
    // The rows of a rotation.
    let turned =
      SIMD3(
        (place * SIMD3(2, -1, 2)).sum(), (place * SIMD3(2, 2, -1)).sum(), (place * SIMD3(-1, 2, 2)).sum())
      / (3 * spacing)
    let whole = turned.rounded(.down)
    let part = turned - whole
    let step = part * part * (3 - 2 * part)
    let (z0, z1) = Self.neighbours(whole.x, stride: Self.size * Self.size)
    let (y0, y1) = Self.neighbours(whole.y, stride: Self.size)
    let (x0, x1) = Self.neighbours(whole.z, stride: 1)
    let near = SIMD4(
      values[z0 + y0 + x0], values[z0 + y1 + x0], values[z1 + y0 + x0], values[z1 + y1 + x0])
    let far = SIMD4(
      values[z0 + y0 + x1], values[z0 + y1 + x1], values[z1 + y0 + x1], values[z1 + y1 + x1])
    let rise = far - near
    let row = near + rise * step.z
    let riseX = SIMD2(rise[0], rise[2]) + SIMD2(rise[1] - rise[0], rise[3] - rise[2]) * step.y
    let riseY = SIMD2(row[1] - row[0], row[3] - row[2])
    let plane = SIMD2(row[0], row[2]) + riseY * step.y
    let slopes =
      SIMD3(
        plane[1] - plane[0], riseY[0] + (riseY[1] - riseY[0]) * step.x,
        riseX[0] + (riseX[1] - riseX[0]) * step.x) * (6 * part * (1 - part) / spacing)
    return (
      plane[0] + (plane[1] - plane[0]) * step.x, (slopes * slopes).sum().squareRoot()
    )
  }

  /// The offsets of two neighbouring lattice planes.
  private static func neighbours(_ place: Float, stride: Int) -> (Int, Int) {
    let index = Int(place) & (size - 1)
    return (index * stride, ((index + 1) & (size - 1)) * stride)
  }
}
