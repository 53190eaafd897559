// SPDX-License-Identifier: Apache-2.0

import Arrays
import ImageProcessing

/// A tissue with everything in its place, ready to be cut into slices.
struct SyntheticVolume: Sendable {
  /// One section: what the microscope sees, and what is there.
  struct Slice: Sendable {
    /// `uint8`, [y, x].
    let image: NDArray
    /// `uint8`, 255 in mitochondria.
    let mitochondria: NDArray
    /// `uint8`, 255 in endoplasmic reticulum.
    let reticulum: NDArray
  }

  let tissue: SyntheticTissue
  let mitochondria: [Mitochondrion]
  private let random: CounterRandom
  private let cells: CellBoundaries
  private let texture: [LatticeNoise]
  private let sheets: LatticeNoise
  private let patches: LatticeNoise
  private let cristae: LatticeNoise
  private let vesicles: [(centre: SIMD3<Float>, radius: Float)]

  /// Puts cells, mitochondria and vesicles in their places.
  init(_ tissue: SyntheticTissue) {
    self.tissue = tissue
    let random = CounterRandom(seed: tissue.seed)
    self.random = random
    cells = CellBoundaries(spacing: tissue.cellSpacing, random: random.stream(1))
    texture = [60, 220].enumerated().map {
      LatticeNoise(spacing: $0.element, random: random.stream(10 + $0.offset))
    }
    sheets = LatticeNoise(spacing: 300, random: random.stream(20))
    patches = LatticeNoise(spacing: 900, random: random.stream(21))
    cristae = LatticeNoise(spacing: 110, random: random.stream(22))
    mitochondria = Self.placed(tissue, cells, random.stream(30))
    vesicles = Self.vesicles(tissue, cells, mitochondria, random.stream(40))
  }

  /// One section.
  func slice(_ z: Int) -> Slice {
    let (height, width) = (tissue.shape[1], tissue.shape[2])
    var gray = [Float](repeating: 0, count: height * width)
    var mitochondria = [UInt8](repeating: 0, count: height * width)
    var reticulum = mitochondria
    let depth = (Float(z) + 0.5) * Float(tissue.voxelSize.z)
    let near = self.mitochondria.filter { ($0.bounds.lower.x...$0.bounds.upper.x).contains(depth) }
    let dark = vesicles.filter { abs($0.centre.x - depth) < $0.radius }
    for y in 0..<height {
      for x in 0..<width {
        let place = SIMD3(
          depth, (Float(y) + 0.5) * Float(tissue.voxelSize.y), (Float(x) + 0.5) * Float(tissue.voxelSize.x))
        let seen = seen(at: place, near, dark)
        let index = y * width + x
        gray[index] = seen.gray
        if seen.isMitochondrion { mitochondria[index] = 255 }
        if seen.isReticulum { reticulum[index] = 255 }
      }
    }
    return Slice(
      image: exposed(gray, z), mitochondria: NDArray(mitochondria, [height, width]),
      reticulum: NDArray(reticulum, [height, width]))
  }

  private struct Sight {
    var gray: Float
    var isMitochondrion = false
    var isReticulum = false
  }

  private func seen(
    at place: SIMD3<Float>, _ near: [Mitochondrion], _ dark: [(centre: SIMD3<Float>, radius: Float)]
  ) -> Sight {
    let palette = tissue.palette
    let border = cells.distance(at: place).border
    // Two membranes of 8 nm with a gap of 16 nm between them.
    if border < 8 { return Sight(gray: palette.gap) }
    if border < 18 { return Sight(gray: palette.membrane) }
    for mitochondrion in near {
      let bounds = mitochondrion.bounds
      if any(place .< bounds.lower) || any(place .> bounds.upper) { continue }
      let (radial, along) = mitochondrion.distance(at: place)
      if radial <= mitochondrion.radius {
        let gray = inside(mitochondrion, place, depth: mitochondrion.radius - radial, along: along)
        return Sight(gray: gray, isMitochondrion: true)
      }
    }
    var sight = Sight(gray: palette.cytoplasm)
    for vesicle in dark {
      let offset = place - vesicle.centre
      let distance = (offset * offset).sum().squareRoot()
      if distance < vesicle.radius {
        return Sight(
          gray: distance > vesicle.radius - 9
            ? palette.membrane : palette.vesicle + 0.5 * palette.texture * texture[0].value(at: place))
      }
    }
    sight.gray +=
      palette.texture * (texture[0].value(at: place) + 0.7 * texture[1].value(at: place))
    addReticulum(to: &sight, place, border)
    if !sight.isReticulum && isRibosome(place) { sight.gray = palette.ribosome }
    return sight
  }

  /// Double membrane, then matrix with cristae across the axis.
  private func inside(
    _ mitochondrion: Mitochondrion, _ place: SIMD3<Float>, depth: Float, along: Float
  ) -> Float {
    let palette = tissue.palette
    if depth < 8 { return palette.membrane }
    if depth < 15 { return 0.5 * (palette.matrix + palette.lumen) }
    if depth < 24 { return palette.membrane }
    let wobble = cristae.value(at: place)
    let turns = (along + mitochondrion.phase + 34 * wobble) / tissue.cristaeSpacing
    let offset = abs(turns - turns.rounded()) * tissue.cristaeSpacing
    let matrix = palette.matrix + 0.6 * palette.texture * texture[0].value(at: place)
    // Cristae that end inside: each side of the axis has its own.
    let isThere = wobble > -0.35
    if !isThere || offset > 15 { return matrix }
    return offset < 5 ? 0.75 * palette.lumen + 0.25 * matrix : 0.9 * palette.membrane + 0.1 * matrix
  }

  /// Sheets and tubules: where a smooth function passes through 0, two membranes with a lumen between.
  private func addReticulum(to sight: inout Sight, _ place: SIMD3<Float>, _ border: Float) {
    guard border > 60, patches.value(at: place) > 1 - 2 * tissue.reticulum else { return }
    // Where the function is flat, its distance from 0 says nothing: the sheet ends.
    let (value, slope) = sheets.gradient(at: place)
    if slope < 1.4e-3 || abs(value) > 26 * slope { return }
    let distance = abs(value) / slope
    sight.isReticulum = true
    sight.gray = distance < 15 ? tissue.palette.lumen : tissue.palette.membrane
  }

  /// Dots of 24 nm, one in some of the cells of a grid of 70 nm.
  private func isRibosome(_ place: SIMD3<Float>) -> Bool {
    let grid = (place / 70).rounded(.down)
    let key = (Int(grid.x) &* 65_537 &+ Int(grid.y)) &* 65_537 &+ Int(grid.z)
    let dots = random.stream(50)
    if dots.uniform(4 &* key) > 0.35 { return false }
    let centre =
      SIMD3(
        dots.uniform(4 &* key &+ 1), dots.uniform(4 &* key &+ 2), dots.uniform(4 &* key &+ 3)) * 46 + 12
    let offset = place - grid * 70 - centre
    return (offset * offset).sum() < 13 * 13
  }

  /// Blur, a brightness that drifts from section to section, shading, noise.
  private func exposed(_ gray: [Float], _ z: Int) -> NDArray {
    let (height, width) = (tissue.shape[1], tissue.shape[2])
    let blurred = GaussianBlur(size: 5, sigma: 0.8).applied(to: NDArray(gray, [height, width]))
    let drift = random.stream(60)
    let gain = 1 + 0.03 * drift.normal(2 * z)
    let offset = 0.012 * drift.normal(2 * z + 1)
    let noise = random.stream(61).stream(z)
    return blurred.withSpan(of: Float.self) { blurred in
      var bytes = [UInt8](repeating: 0, count: height * width)
      for index in bytes.indices {
        let shade = 0.04 * (Float(index % width) / Float(width) - 0.5)
        let value = blurred[index] * gain + offset + shade + tissue.palette.noise * noise.normal(index)
        bytes[index] = UInt8(min(max(value * 255, 0), 255))
      }
      return NDArray(bytes, [height, width])
    }
  }
}
