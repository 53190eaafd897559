// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import Networks
import Tensors
import Testing

@testable import Runs

/// A working grid filled with random planes, and a narrow network with statistics away from their start.
struct PhaseFixture {
  let graph: Graph
  let weights: Parameters
  let volume: PhaseVolume

  init(shape: Extent, widths: [Int], seed: UInt64, stride: Int = 1, phase: Int = 0) throws {
    graph = try RSUNet.graph(widths: widths)
    var weights = graph.initialParameters(seed: seed)
    for position in 0..<weights.count where weights.names[position].contains(".bn") {
      var random = SplitMix64(seed: seed, name: weights.names[position])
      weights[position: position].withMutableSpan { elements in
        for index in elements.indices { elements[index] += random.uniform(0.1, 0.6) }
      }
    }
    self.weights = weights
    let voxelSize = VoxelSize(z: 10, y: 10, x: 10)
    let preprocessing = Preprocessing(voxelSize: VoxelSize(z: Double(10 * stride), y: 10, x: 10))
    let grid = preprocessing.grid(for: shape, voxelSize: voxelSize)
    volume = PhaseVolume(
      grid: grid, phase: phase, run: grid.runs(phase: phase)[0], alignment: graph.receptiveField.alignment,
      values: preprocessing.normalized
    ) { slices in
      slices.map { slice in
        var random = SplitMix64(seed: seed, keys: UInt64(slice))
        return NDArray(
          (0..<shape[1] * shape[2]).map { _ in UInt8(truncatingIfNeeded: random.next()) },
          [shape[1], shape[2]])
      }
    }
  }

  var network: PatchNetwork { PatchNetwork(graph, weights: weights, backend: .oneDNN, threads: 2) }

  /// What one pass over everything gives, enlarged part included.
  func onePass() throws -> Tensor {
    let input = try volume.input(volume.shape.map { 0..<$0 })
    let plan = try Plan(graph, inputShape: input.shape, mode: .inference)
    try plan.load(weights)
    var result = try plan.forward(input)
    result.withMutableSpan { values in
      for index in values.indices { values[index] = 1 / (1 + exp(-values[index])) }
    }
    return result
  }

  /// A part of what one pass gives.
  static func cut(_ whole: Tensor, _ box: [Range<Int>]) -> [Float] {
    let size = Array(whole.shape.dropFirst(2))
    let elements = whole.elements
    return box[0].flatMap { z in
      box[1].flatMap { y in box[2].map { x in elements[(z * size[1] + y) * size[2] + x] } }
    }
  }
}

@Suite("Exact tiles")
struct PhaseVolumeTests {
  /// Shapes with every remainder by 2 and 8, and the depths at which halos meet faces.
  static let cases: [(shape: Extent, widths: [Int], core: [Int])] = [
    ([1, 41, 46], [3, 4, 5], [1, 8, 16]),
    ([2, 30, 57], [3, 4, 5], [1, 4, 6]),
    ([3, 52, 35], [3, 4, 5], [2, 20, 2]),
    ([17, 28, 40], [3, 4, 5], [3, 12, 12]),
    ([33, 26, 31], [3, 4, 5], [7, 10, 40]),
    ([2, 200, 193], [3, 4, 5, 6, 7], [2, 64, 80]),
    ([3, 197, 210], [3, 4, 5, 6, 7], [1, 40, 104]),
    ([1, 203, 196], [3, 4, 5, 6, 7], [1, 104, 64]),
  ]

  @Test("give what one pass over the whole volume gives", arguments: cases.indices)
  func equalsOnePass(number: Int) throws {
    let (shape, widths, core) = Self.cases[number]
    let fixture = try PhaseFixture(shape: shape, widths: widths, seed: UInt64(number))
    let whole = try fixture.onePass()
    let box = fixture.volume.shape.map { 0..<$0 }
    var tiles = 0
    let tiled = try fixture.volume.exactProbabilities(box, core: core, by: fixture.network) { _ in tiles += 1
    }
    #expect(tiles > 1)
    #expect(
      tiles
        == fixture.volume.exactTileCount(box, core: core, field: fixture.graph.receptiveField))
    let expected = PhaseFixture.cut(whole, box)
    let difference = zip(tiled.elements, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(difference < 2e-5)
    #expect((expected.max() ?? 0) - (expected.min() ?? 0) > 0.01, "the network says something")
  }

  @Test("of a region give the crop of the whole", arguments: 0..<5)
  func regions(number: Int) throws {
    let (shape, widths, core) = Self.cases[number]
    let fixture = try PhaseFixture(shape: shape, widths: widths, seed: UInt64(number))
    let whole = try fixture.onePass()
    var random = SplitMix64(seed: UInt64(number))
    for _ in 0..<3 {
      let box = (0..<3).map { axis in
        let lower = Int.random(in: 0..<shape[axis], using: &random)
        return lower..<Int.random(in: lower + 1...shape[axis], using: &random)
      }
      let part = try fixture.volume.exactProbabilities(box, core: core, by: fixture.network) { _ in }
      let difference = zip(part.elements, PhaseFixture.cut(whole, box))
        .reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(part.shape == [1] + box.map(\.count))
      #expect(difference < 2e-5, "\(box)")
    }
  }

  @Test("windows never exceed what the memory was counted for")
  func windows() throws {
    let field = try RSUNet.graph().receptiveField
    for limit in [1_200_000, 3_000_000, 40_000_000] {
      let shape = [40, 1000, 1208]
      let tiling = try #require(Tiling.exact(shape: shape, field: field, limit: limit))
      #expect(tiling.window.reduce(1, *) <= limit)
      for axis in 0..<3 {
        for lower in stride(from: 0, to: shape[axis] - 9, by: 13) {
          for tile in AxisWindows.tiles(
            of: lower..<min(shape[axis], lower + tiling.core[axis]), count: shape[axis],
            size: tiling.core[axis], alignment: field.alignment[axis], halo: field.halo[axis])
          {
            #expect(tile.window.count <= tiling.window[axis])
            #expect(tile.window.lowerBound % field.alignment[axis] == 0)
          }
        }
      }
    }
    #expect(Tiling.exact(shape: [40, 1000, 1208], field: field, limit: 10_000) == nil)
  }

  @Test("beyond its far end an axis is mirrored at its last voxel")
  func reflection() {
    #expect((0..<8).map { reflected($0, count: 5) } == [0, 1, 2, 3, 4, 3, 2, 1])
    #expect((0..<8).map { reflected($0, count: 2) } == [0, 1, 0, 1, 0, 1, 0, 1])
    #expect((0..<3).map { reflected($0, count: 1) } == [0, 0, 0])
  }
}

@Suite("Published patches")
struct SeedPatchTests {
  @Test("cover every voxel, the last ones too")
  func coverage() {
    // The published code leaves the last 3 of 219 slices out.
    #expect(Tiling.patchStarts(count: 219, patch: 18, stride: 9).last == 201)
    #expect(Tiling.patchStarts(count: 27, patch: 18, stride: 9) == [0, 9])
    #expect(Tiling.patchStarts(count: 18, patch: 18, stride: 9) == [0])
    #expect(Tiling.patchStarts(count: 5, patch: 18, stride: 9) == [0])
  }

  @Test("give the mean of all patches over a voxel, whatever the box that is asked for")
  func mean() throws {
    let fixture = try PhaseFixture(shape: [20, 163, 170], widths: [2, 3], seed: 3)
    let (volume, network) = (fixture.volume, fixture.network)
    // By hand: starts 0 and 2 in z (20 − 18), 0 and 3 in y (163 − 160), 0 and 10 in x (170 − 160).
    var sum = [Float](repeating: 0, count: 20 * 163 * 170)
    var number = sum
    for z in [0, 2] {
      for y in [0, 3] {
        for x in [0, 10] {
          let patch = try network.probabilities(volume.input([z..<z + 18, y..<y + 160, x..<x + 160])).elements
          for index in patch.indices {
            let (dz, dy, dx) = (index / 25600, index / 160 % 160, index % 160)
            let at = ((z + dz) * 163 + y + dy) * 170 + x + dx
            sum[at] += patch[index]
            number[at] += 1
          }
        }
      }
    }
    let box = [1..<20, 2..<163, 0..<165]
    var patches = 0
    let found = try volume.seedProbabilities(box, by: network) { _ in patches += 1 }.elements
    #expect(patches == 8 && volume.seedPatchCount(box) == 8)
    var largest: Float = 0
    for (index, value) in found.enumerated() {
      let (dz, dy, dx) = (index / (161 * 165), index / 165 % 161, index % 165)
      let at = ((1 + dz) * 163 + 2 + dy) * 170 + dx
      largest = max(largest, abs(value - sum[at] / number[at]))
    }
    #expect(largest < 1e-6)
  }
}
