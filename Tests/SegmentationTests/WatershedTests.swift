// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing

@testable import Segmentation

@Suite("Watershed")
struct WatershedTests {
  static let blocks: [Extent] = [[12, 13, 17], [5, 13, 4], [1, 1, 17], [3, 3, 3], [4, 7, 5]]
  static let shape: Extent = [12, 13, 17]

  /// `count` levels, so that a small count makes flat places.
  private func heights(levels count: UInt64, seed: UInt64) -> [Float] {
    var random = SplitMix64(state: seed)
    return (0..<Self.shape.count).map { _ in
      random.next() % 3 == 0 ? 0 : Float(1 + random.next() % count)
    }
  }

  @Test(
    "does not depend on the blocks, flat places included", arguments: blocks,
    Connectivity.allCases)
  func independent(block: Extent, connectivity: Connectivity) {
    for (seed, levels) in [2, 3, 10, 100, 1_000_000].enumerated() {
      for depth in [0, 0.3, 0.8] {
        let rule = LabellingRule(.watershed(depth: depth), connectivity: connectivity, fillsHoles: true)
        let values = heights(levels: UInt64(levels), seed: UInt64(seed))
        let whole = BlockedObjects(rule, block: Self.shape).ids(ofHeights: values, Self.shape)
        let found = BlockedObjects(rule, block: block).ids(ofHeights: values, Self.shape)
        #expect(found.ids == whole.ids)
        #expect(found.objects == whole.objects)
      }
    }
  }

  @Test("basins joined block by block are those joined at last, on hills with plateaus and ties")
  func hillsAndTies() {
    let shape: Extent = [14, 16, 19]
    for seed in 0..<3 as Range<UInt64> {
      var random = SplitMix64(state: seed)
      // Distances to random voxels in whole steps: hills with ridges, plateaus and ways of one height.
      let marks = (0..<12 + Int(seed) * 3).map { _ in shape.sizes.map { Int(random.next() % UInt64($0)) } }
      let heights = Box(shape).positions.map { at -> Float in
        Float(marks.map { mark in zip(at, mark).map { abs($0 - $1) }.reduce(0, +) }.min() ?? 0)
      }
      for connectivity in Connectivity.allCases {
        for depth in [0, 0.25, 0.5] {
          let rule = LabellingRule(
            .watershed(depth: depth), connectivity: connectivity, fillsHoles: seed % 2 == 1)
          // In single voxels nothing is joined before the end.
          var apart = BlockedObjects(rule, block: [1, 1, 1])
          apart.fewNodes = .max
          let expected = apart.ids(ofHeights: heights, shape)
          for block in [shape, [7, 8, 10], [14, 5, 6], [1, 9, 19], [3, 4, 5]] as [Extent] {
            let found = BlockedObjects(rule, block: block).ids(ofHeights: heights, shape)
            #expect(found.ids == expected.ids && found.objects == expected.objects)
          }
        }
      }
    }
  }

  @Test("of smooth heights few fragments are left of a block, however many summits it has")
  func fewFragments() {
    // A hill of 100 with ripples of 2.
    let shape: Extent = [1, 64, 64]
    let heights = Box(shape).positions.map { at -> Float in
      let (y, x) = (Float(at[1] - 32), Float(at[2] - 32))
      let ripple: Float = (at[1] + 2 * at[2]) % 5 == 0 ? 2 : 0
      return 100 - (y * y + x * x).squareRoot() + ripple
    }
    let rule = LabellingRule(.watershed(depth: 0.25), connectivity: .faces)
    let wide = Box(lower: [-2, -2, -2], upper: [3, 66, 66]).intersection(Box(shape))
    let block = BlockLabels(
      watershedOf: HeightField(heights, in: wide), in: Box(shape), of: shape, rule: rule, coverage: .whole)
    let field = FlowField(
      HeightField(heights, in: wide), block: Box(shape), steps: rule.connectivity.steps(inSlices: false))
    #expect(field.labelled(in: Box(shape), of: shape).1.count > 100)
    #expect(block.fragments.count <= 10)
  }

  @Test("two hills are two objects if the way between sinks deep enough")
  func hills() {
    let line: [Float] = [0, 2, 4, 3, 2, 3, 5, 6, 6, 1, 0]
    for (depth, expected) in [
      (0.4, [0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 0]), (0.5, [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]),
    ] as [(Double, [UInt64])] {
      for size in [1, 2, 3, 11] {
        let found = BlockedObjects(LabellingRule(.watershed(depth: depth)), block: [1, 1, size])
          .ids(ofHeights: line, [1, 1, 11])
        #expect(found.ids == expected)
      }
    }
  }

  @Test("a flat place on a slope leads uphill and is no object of its own")
  func terrace() {
    let line: [Float] = [1, 2, 2, 2, 2, 3, 1]
    for size in [1, 2, 4, 7] {
      let found = BlockedObjects(LabellingRule(.watershed(depth: 0)), block: [1, 1, size])
        .ids(ofHeights: line, [1, 1, 7])
      #expect(found.ids == [1, 1, 1, 1, 1, 1, 1])
    }
  }

  @Test("distances by hand, with voxels that are not cubes, and a limit")
  func distances() {
    // One voxel outside at the left end of the middle row.
    var mask = [UInt8](repeating: 1, count: 15)
    mask[5] = 0
    let found = distanceTransform(
      of: NDArray(mask, [1, 3, 5]), voxelSize: VoxelSize(z: 50, y: 4, x: 3), limit: 11)
    #expect(
      found.elements(as: Float.self) == [
        4, 5, Float(52).squareRoot(), Float(97).squareRoot(), 11, 0, 3, 6, 9, 11, 4, 5,
        Float(52).squareRoot(), Float(97).squareRoot(), 11,
      ])
  }
}
