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
    for (seed, levels) in [2, 3, 10, 1_000_000].enumerated() {
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
