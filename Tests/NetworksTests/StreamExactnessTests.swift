// SPDX-License-Identifier: Apache-2.0

import Tensors
import Testing

@testable import Networks

/// A whole array that is streamed in tiles, beside what one pass over it gives.
private struct Tiled {
  let size: [Int]
  let expected: [Float]
  var found: [Float]

  /// The largest difference, and the range of the result.
  var largest: Float { zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } }
  var spread: Float { (expected.max() ?? 0) - (expected.min() ?? 0) }

  /// How many labels are another, and how far from the threshold the farthest of them lies.
  var flipped: (count: Int, farthest: Float) {
    zip(found, expected).reduce((0, 0)) { sum, pair in
      (pair.0 > 0) == (pair.1 > 0) ? sum : (sum.0 + 1, max(sum.1, abs(pair.1)))
    }
  }

  /// The mean step of values across borders between columns, of the found over that of the expected.
  func seam(_ borders: [Int]) -> Double {
    func step(_ values: [Float]) -> Double {
      var sum = 0.0
      for row in 0..<size[0] * size[1] {
        for x in borders { sum += Double(abs(values[row * size[2] + x] - values[row * size[2] + x - 1])) }
      }
      return sum
    }
    return step(found) / step(expected)
  }
}

@Suite("An exact stream, whatever the blocks")
struct StreamExactnessTests {
  private static func network(_ seed: UInt64, tiny: Bool) throws -> (Graph, Parameters) {
    let (graph, start) = try StreamPlanTests.network([3, 4, 5, 4], seed: seed)
    var parameters = start
    for name in parameters.names where tiny && name.hasSuffix("bn2.running_var") {
      parameters[name] = Tensor(repeating: 1e-8, shape: try #require(parameters[name]?.shape))
    }
    return (graph, parameters)
  }

  private static func onePass(
    _ graph: Graph, _ parameters: Parameters, _ size: [Int], seed: UInt64
  ) throws -> (input: [Float], output: [Float]) {
    let input = randomTensor([1, 1] + size, seed: seed)
    let whole = try Plan(graph, inputShape: input.shape, mode: .inference)
    try whole.load(parameters)
    return (input.elements, try whole.forward(input).elements)
  }

  /// Streams tiles of one core, each along all planes.
  private static func tiled(
    _ graph: Graph, _ parameters: Parameters, _ size: [Int], core: [Int], seed: UInt64, threads: Int,
    slack: Int
  ) throws -> Tiled {
    let (input, output) = try onePass(graph, parameters, size, seed: seed)
    var result = Tiled(size: size, expected: output, found: output.map { _ in .nan })
    for tile in StreamTiling.tiles(core, y: 0..<size[1], x: 0..<size[2]) {
      let plan = try StreamPlan(graph, size: size, y: tile.y, x: tile.x, threads: threads, slack: slack)
      try plan.load(parameters)
      try plan.run(planes: 0..<size[0]) { z in
        let values = plan.window.y.flatMap { y in
          plan.window.x.map { input[(z * size[1] + y) * size[2] + $0] }
        }
        return Tensor(values, shape: [1, 1, 1, plan.window.y.count, plan.window.x.count])
      } output: { z, logits in
        for (index, value) in logits.elements.enumerated() {
          let (row, column) = (index / tile.x.count, index % tile.x.count)
          result.found[(z * size[1] + tile.y.lowerBound + row) * size[2] + tile.x.lowerBound + column] = value
        }
      }
    }
    return result
  }

  @Test(
    "random tiles and threads give one pass within 1e-5 of its range, and flip no label farther from the threshold",
    arguments: 0..<10 as Range<UInt64>)
  func randomTiles(seed: UInt64) throws {
    var random = SplitMix64(seed: seed, name: "tiles")
    let depths = [1, 2, 3, 17, 33]
    let size = [
      depths[Int(seed) % depths.count], 4 * Int.random(in: 8...20, using: &random),
      4 * Int.random(in: 8...20, using: &random),
    ]
    let core = [Int.random(in: 9...size[1], using: &random), Int.random(in: 9...size[2], using: &random)]
    // Every other network has normalisations whose variance is nearly zero.
    let (graph, parameters) = try Self.network(seed, tiny: seed % 2 == 1)
    let result = try Self.tiled(
      graph, parameters, size, core: core, seed: seed, threads: Int.random(in: 1...4, using: &random),
      slack: [0, 7, StreamTiling.slack][Int(seed) % 3])
    let bound = 1e-5 * max(1, result.spread)
    #expect(result.spread > 0.01 && result.spread.isFinite, "the network says something")
    #expect(result.largest <= bound, "\(size) in tiles of \(core)")
    let flipped = result.flipped
    #expect(flipped.farthest <= bound && flipped.count <= 2, "\(flipped.count) labels flipped")
  }

  @Test("values step across borders of tiles as anywhere else, which tiles without context do not")
  func seams() throws {
    let size = [3, 64, 96]
    let (graph, parameters) = try Self.network(31, tiny: false)
    let core = 24
    let borders = Array(stride(from: core, to: size[2], by: core))
    let exact = try Self.tiled(
      graph, parameters, size, core: [64, core], seed: 31, threads: 2, slack: StreamTiling.slack)
    #expect(abs(exact.seam(borders) - 1) < 1e-4)
    // The statistic sees the seams of tiles that are run alone.
    var alone = exact
    let input = randomTensor([1, 1] + size, seed: 31).elements
    let plan = try Plan(graph, inputShape: [1, 1, 3, 64, core], mode: .inference)
    try plan.load(parameters)
    for left in [0] + borders {
      var cut: [Float] = []
      for row in 0..<192 {
        let start = row * 96 + left
        cut += input[start..<start + core]
      }
      let made = try plan.forward(Tensor(cut, shape: plan.inputShape)).elements
      for row in 0..<192 {
        for x in 0..<core { alone.found[row * 96 + left + x] = made[row * core + x] }
      }
    }
    #expect(abs(alone.seam(borders) - 1) > 1e-2)
  }

  @Test("budgets of memory change the tiles, not the result")
  func budgets() throws {
    let size = [5, 96, 104]
    let (graph, parameters) = try Self.network(32, tiny: false)
    var cores: Set<[Int]> = []
    for share in [1.05, 1.5, 4] {
      var needed = 0
      do {
        _ = try StreamTiling.best(
          graph, size: size, y: 0..<96, x: 0..<104, budget: 1, precision: .float32, threads: 1)
      } catch NetworkError.tooLittleMemory(_, let least) { needed = least }
      let tiling = try StreamTiling.best(
        graph, size: size, y: 0..<96, x: 0..<104, budget: Int(Double(needed) * share),
        precision: .float32, threads: 1)
      cores.insert(tiling.core)
      let result = try Self.tiled(
        graph, parameters, size, core: tiling.core, seed: 33, threads: 1, slack: StreamTiling.slack)
      #expect(result.largest < 1e-5 * max(1, result.spread))
    }
    #expect(cores.count > 1)
  }
}
