// SPDX-License-Identifier: Apache-2.0

/// A bent capsule: all places within a radius of a curve.
struct Mitochondrion: Sendable {
  /// Points of its axis in nm (z, y, x), evenly apart.
  let axis: [SIMD3<Float>]
  /// In nm, membranes included.
  let radius: Float
  /// Shifts the cristae, so that no two are alike.
  let phase: Float

  /// Where it lies: the corners of the box around it, in nm.
  var bounds: (lower: SIMD3<Float>, upper: SIMD3<Float>) {
    let lower = axis.reduce(SIMD3(repeating: .infinity)) { pointwiseMin($0, $1) }
    let upper = axis.reduce(SIMD3(repeating: -.infinity)) { pointwiseMax($0, $1) }
    return (lower - radius, upper + radius)
  }

  /// How far a place is from the axis, and how far along the axis the nearest point of it is, in nm.
  func distance(at place: SIMD3<Float>) -> (radial: Float, along: Float) {
    var best = (square: Float.infinity, along: Float(0))
    var start: Float = 0
    for (a, b) in zip(axis, axis.dropFirst()) {
      let segment = b - a
      let length = (segment * segment).sum().squareRoot()
      let offset = place - a
      let share = min(max((offset * segment).sum() / (length * length), 0), 1)
      let rest = offset - share * segment
      let square = (rest * rest).sum()
      if square < best.square { best = (square, start + share * length) }
      start += length
    }
    return (best.square.squareRoot(), best.along)
  }

  /// A capsule that starts somewhere and wanders.
  static func wandering(
    from start: SIMD3<Float>, length: Float, radius: Float, random: CounterRandom
  ) -> Mitochondrion {
    let step: Float = 0.5 * radius
    var heading = normalised(
      SIMD3(0.6 * random.normal(0), random.normal(1), random.normal(2)) + SIMD3(0, 1e-3, 0))
    var bend = SIMD3(random.normal(3), random.normal(4), random.normal(5)) * 0.12
    var axis = [start]
    for index in 0..<max(1, Int(length / step)) {
      heading = normalised(heading + bend)
      let place = 6 + 3 * index
      let turn = SIMD3(random.normal(place), random.normal(place + 1), random.normal(place + 2))
      bend = 0.85 * bend + 0.08 * turn
      axis.append((axis.last ?? start) + heading * step)
    }
    return Mitochondrion(axis: axis, radius: radius, phase: random.uniform(1 << 20) * 1000)
  }

  private static func normalised(_ vector: SIMD3<Float>) -> SIMD3<Float> {
    vector / (vector * vector).sum().squareRoot()
  }
}
