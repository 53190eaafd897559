// SPDX-License-Identifier: Apache-2.0

extension SyntheticVolume {
  /// Mitochondria that lie inside cells and apart from one another, until their share is reached.
  static func placed(
    _ tissue: SyntheticTissue, _ cells: CellBoundaries, _ random: CounterRandom
  ) -> [Mitochondrion] {
    let field = tissue.field
    var placed: [Mitochondrion] = []
    var filled: Float = 0
    let room = field.x * field.y * field.z * tissue.mitochondriaShare
    for attempt in 0..<4000 where filled < room {
      let own = random.stream(attempt)
      let start = SIMD3(own.uniform(0), own.uniform(1), own.uniform(2)) * field
      let radius = own.uniform(3, in: tissue.radii)
      let length = own.uniform(4, in: tissue.lengths)
      let candidate = Mitochondrion.wandering(
        from: start, length: length, radius: radius, random: own.stream(1))
      let cell = cells.distance(at: start).cell
      let fits = candidate.axis.allSatisfy { point in
        let here = cells.distance(at: point)
        return here.cell == cell && here.border > radius + 45
          && placed.allSatisfy { $0.distance(at: point).radial > $0.radius + radius + 40 }
      }
      guard fits else { continue }
      placed.append(candidate)
      // The part of its axis inside the field counts.
      let inside = candidate.axis.filter { all($0 .>= 0) && all($0 .<= field) }
      filled += Float.pi * radius * radius * 0.5 * radius * Float(inside.count)
    }
    return placed
  }

  /// Dark round vesicles (lysosomes): what a classifier by gray value takes for mitochondria.
  static func vesicles(
    _ tissue: SyntheticTissue, _ cells: CellBoundaries, _ mitochondria: [Mitochondrion],
    _ random: CounterRandom
  ) -> [(centre: SIMD3<Float>, radius: Float)] {
    let field = tissue.field
    let wanted = Int(field.x * field.y * field.z * 2.2e-9)
    var vesicles: [(centre: SIMD3<Float>, radius: Float)] = []
    for attempt in 0..<20 * max(1, wanted) where vesicles.count < wanted {
      let own = random.stream(attempt)
      let centre = SIMD3(own.uniform(0), own.uniform(1), own.uniform(2)) * field
      let radius = own.uniform(3, in: 60...130)
      let isFree =
        cells.distance(at: centre).border > radius + 30
        && mitochondria.allSatisfy { $0.distance(at: centre).radial > $0.radius + radius + 20 }
      if isFree { vesicles.append((centre, radius)) }
    }
    return vesicles
  }
}
