// SPDX-License-Identifier: Apache-2.0

import Arrays
import Segmentation
import Testing

@Suite("Connected components")
struct ComponentsTests {
  @Test(
    "cubes that touch at a corner are one piece of 26-connected voxels, two else",
    arguments: Connectivity.allCases)
  func corner(_ connectivity: Connectivity) {
    var block = NDArray(.uint8, [4, 4, 4])
    block.withMutableSpan(of: UInt8.self) { voxels in
      for (z, y, x) in cube(at: 0) + cube(at: 2) { voxels[z * 16 + y * 4 + x] = 1 }
    }
    #expect(
      connectedComponents(block, connectivity: connectivity).count == (connectivity == .corners ? 1 : 2))
  }

  @Test("voxels that touch at an edge are one piece of 18- and 26-connected voxels")
  func edge() {
    let block = NDArray([1, 0, 0, 1] as [Int16], [2, 1, 2])
    #expect(Connectivity.allCases.map { connectedComponents(block, connectivity: $0).count } == [2, 1, 1])
  }

  @Test("70,000 cubes are 70,000 pieces, numbered in raster order")
  func manyCubes() {
    // 35 × 40 × 50 cubes of 1 voxel, 2 apart.
    var block = NDArray(.bool, [69, 79, 99])
    block.withMutableSpan(of: UInt8.self) { voxels in
      for z in 0..<35 {
        for y in 0..<40 { for x in 0..<50 { voxels[2 * (z * 79 + y) * 99 + 2 * x] = 1 } }
      }
    }
    let (labels, count) = connectedComponents(block, connectivity: .corners)
    #expect(count == 70_000)
    #expect(labels.elements(as: UInt64.self).filter { $0 != 0 } == Array(1...70_000))
  }

  @Test("neighbours of unlike values are apart")
  func values() {
    let slice = NDArray([1, 1, 2, 2, 2, 1] as [UInt32], [2, 3])
    let (labels, count) = connectedComponents(slice, connectivity: .faces)
    #expect(labels.elements(as: UInt64.self) == [1, 1, 2, 3, 3, 4])
    #expect(count == 4)
    let (corners, pieces) = connectedComponents(slice, connectivity: .corners)
    #expect(corners.elements(as: UInt64.self) == [1, 1, 2, 2, 2, 1])
    #expect(pieces == 2)
  }

  @Test("random blocks of three values, against a flood fill", arguments: Connectivity.allCases)
  func floodFill(_ connectivity: Connectivity) {
    var random = SplitMix64(state: UInt64(connectivity.rawValue))
    for _ in 0..<60 {
      let shape = (0..<3).map { _ in Int.random(in: 1...6, using: &random) }
      let values = (0..<Extent(shape).count).map { _ in Int64.random(in: -1...1, using: &random) }
      let (labels, count) = connectedComponents(NDArray(values, Extent(shape)), connectivity: connectivity)
      let expected = flooded(values, shape, connectivity)
      #expect(labels.elements(as: UInt64.self) == expected)
      #expect(count == Int(expected.max() ?? 0))
    }
  }

  @Test("an empty block and a block of background have no piece")
  func none() {
    #expect(connectedComponents(NDArray(.uint8, [0, 3, 3]), connectivity: .faces).count == 0)
    #expect(connectedComponents(NDArray(.uint8, [3, 3, 0]), connectivity: .faces).count == 0)
    #expect(connectedComponents(NDArray(.uint8, [3, 3, 3]), connectivity: .corners).count == 0)
  }

  private func cube(at corner: Int) -> [(Int, Int, Int)] {
    Box(origin: [corner, corner, corner], extent: [2, 2, 2]).positions.map { ($0[0], $0[1], $0[2]) }
  }

  /// Numbers pieces by filling from each voxel in raster order.
  private func flooded(_ values: [Int64], _ shape: [Int], _ connectivity: Connectivity) -> [UInt64] {
    let reach = [6: 1, 18: 2, 26: 3][connectivity.rawValue] ?? 0
    let offsets = Box(origin: [-1, -1, -1], extent: [3, 3, 3]).positions
      .filter { $0.count { $0 != 0 } <= reach }
    let strides = Extent(shape).strides
    var numbers = [UInt64](repeating: 0, count: values.count)
    var next: UInt64 = 0
    for (ordinal, position) in Box(Extent(shape)).positions.enumerated()
    where values[ordinal] != 0 && numbers[ordinal] == 0 {
      next += 1
      numbers[ordinal] = next
      var waiting = [position]
      while let from = waiting.popLast() {
        for offset in offsets {
          let to = zip(from, offset).map(+)
          guard zip(to, shape).allSatisfy({ (0..<$1).contains($0) }) else { continue }
          let index = zip(to, strides).reduce(0) { $0 + $1.0 * $1.1 }
          if values[index] == values[ordinal] && numbers[index] == 0 {
            numbers[index] = next
            waiting.append(to)
          }
        }
      }
    }
    return numbers
  }
}
