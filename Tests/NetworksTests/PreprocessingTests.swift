// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageProcessing
import Networks
import Testing

@Suite("Preprocessing")
struct PreprocessingTests {
  private let wanted = Preprocessing(voxelSize: VoxelSize(z: 40, y: 8, x: 8))

  @Test("finer slices shrink by area, coarser ones are enlarged, thin sections are left out")
  func grids() {
    let fine = wanted.grid(for: [112, 448, 512], voxelSize: VoxelSize(z: 5, y: 5, x: 5))
    #expect(fine.extent == [112, 280, 320] && fine.stride == 8 && fine.interpolation == .area)
    #expect(fine.slices(phase: 3).count == 14)
    let coarse = wanted.grid(for: [9, 100, 100], voxelSize: VoxelSize(z: 100, y: 10, x: 10))
    #expect(coarse.extent == [9, 125, 125] && coarse.stride == 1 && coarse.interpolation == .linear)
    let thick = wanted.grid(for: [20, 1024, 1024], voxelSize: VoxelSize(z: 50, y: 4.6, x: 4.6))
    #expect(thick.extent == [20, 589, 589] && thick.stride == 1)
    #expect(abs(thick.voxelSize.y - 4.6 * 1024 / 589) < 1e-12)
  }

  @Test("planes run on as far as no slice of their phase is missing")
  func runs() {
    let size = VoxelSize(z: 10, y: 8, x: 8)
    let blocks = wanted.grid(
      for: [61, 80, 80], voxelSize: size, covered: [56..<61, 13..<18, 28..<33, 33..<34])
    #expect(blocks.stride == 4 && blocks.covered == [13..<18, 28..<34, 56..<61])
    // Slices 0, 4, … 16 and so on: of 13..<18 only 16 is there, of 28..<34 28 and 32, of 56..<61 56 and 60.
    #expect(blocks.runs(phase: 0) == [4..<5, 7..<9, 14..<16])
    #expect(blocks.runs(phase: 1) == [3..<5, 7..<9, 14..<15])
    #expect(blocks.run(of: 17) == 3..<5 && blocks.run(of: 18) == nil)
    // Every second slice is all that one of two phases sees.
    let odd = Preprocessing(voxelSize: VoxelSize(z: 20, y: 8, x: 8))
      .grid(for: [10, 80, 80], voxelSize: size, covered: [1, 3, 5, 9].map { $0..<$0 + 1 })
    #expect(odd.runs(phase: 1) == [0..<3, 4..<5] && odd.runs(phase: 0).isEmpty)
    #expect(wanted.grid(for: [10, 80, 80], voxelSize: size).runs(phase: 3) == [0..<2])
  }

  @Test("only voxels that lie wholly inside a covered box are covered")
  func coverage() {
    let grid = wanted.grid(for: [4, 448, 512], voxelSize: VoxelSize(z: 5, y: 5, x: 5))
    // 1.6 source voxels for one: 100…200 holds the voxels 63 (100.8…) to 124 (…200).
    let inside = grid.inside(Box(lower: [1, 100, 0], upper: [3, 200, 512]))
    #expect(inside == Box(lower: [1, 63, 0], upper: [3, 125, 320]))
  }

  @Test("a mask keeps voxels that are half filled")
  func masks() {
    let grid = Preprocessing(voxelSize: VoxelSize(z: 1, y: 2, x: 2))
      .grid(for: [1, 4, 4], voxelSize: VoxelSize(z: 1, y: 1, x: 1))
    let mask = NDArray([1, 0, 0, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0] as [UInt8], [4, 4])
    #expect(grid.mask(from: mask).elements(as: UInt8.self) == [1, 0, 1, 0])
  }

  @Test("16-bit values are mapped by percentiles of the whole version")
  func percentiles() {
    let histogram = (0..<1000).map { (value: Double($0), count: 1) }
    let range = IntensityRange(histogram: histogram, percentiles: [0.1, 0.9])
    #expect(range == IntensityRange(low: 99, high: 899))
    let mapped = range.mapped(NDArray([0, 99, 499, 899, 60000] as [UInt16], [5]))
    // (499 − 99) · 255 / 800 = 127.5, half to even.
    #expect(mapped.elements(as: UInt8.self) == [0, 0, 128, 255, 255])
    let flat = IntensityRange(histogram: [(7, 9)], percentiles: [0.1, 0.9])
    #expect(flat.low == 7 && flat.high > 7)
  }

  @Test("it comes back from JSON unchanged, in a model too")
  func codable() throws {
    let graph = try RSUNet.graph(widths: [2, 3, 4])
    let model = ModelDescription(
      architecture: "rsunet", graph: graph, preprocessing: wanted, classes: ["mitochondrion"],
      patch: [16, 96, 96], training: ["steps": "400"])
    let folder = NSTemporaryDirectory() + "vemdb-model-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let weights = graph.initialParameters(seed: 1)
    try model.write(weights, folder: folder)
    let found = try ModelDescription(folder: folder)
    #expect(found == model && found.json == model.json)
    #expect(try CheckpointFile.read("\(folder)/weights.safetensors") == weights)
    try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(folder)/model.json"))
    #expect(throws: CheckpointError.self) { _ = try ModelDescription(folder: folder) }
  }

  @Test("kept planes are not made again, and the budget holds")
  func cache() throws {
    let made = Counter()
    let cache = PlaneCache(budget: 3 * 16) { slices in
      made.add(slices)
      return slices.map { NDArray([UInt8](repeating: UInt8($0), count: 16), [4, 4]) }
    }
    let planes = try cache.planes([2, 1, 2])
    #expect(planes.map { $0.elements(as: UInt8.self)[0] } == [2, 1, 2])
    _ = try cache.planes([1, 2])
    #expect(made.slices == [1, 2])
    _ = try cache.planes([3, 4, 5])
    _ = try cache.planes([1])
    #expect(made.slices == [1, 2, 3, 4, 5, 1])
  }

  private final class Counter: @unchecked Sendable {
    private(set) var slices: [Int] = []
    func add(_ more: [Int]) { slices += more }
  }
}
