// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing

@testable import Runs

@Suite("Rules of the default recipe")
struct TrainingRulesTests {
  @Test("the working voxel size is the coarsest pair's, within 8 to 12 nm in the plane")
  func voxelSizes() {
    let epfl = VoxelSize(z: 5, y: 5, x: 5)
    let sbem = VoxelSize(z: 40, y: 5.9, x: 5.9)
    let vnc = VoxelSize(z: 50, y: 4.6, x: 4.6)
    let hela = VoxelSize(z: 100, y: 10, x: 10)
    #expect(WorkingVoxelSize.chosen(for: [epfl]) == VoxelSize(z: 10, y: 10, x: 10))
    #expect(WorkingVoxelSize.chosen(for: [epfl, sbem]) == VoxelSize(z: 40, y: 8, x: 8))
    #expect(WorkingVoxelSize.chosen(for: [vnc, hela]) == VoxelSize(z: 100, y: 10, x: 10))
    #expect(
      WorkingVoxelSize.chosen(for: [VoxelSize(z: 16, y: 16, x: 16)]) == VoxelSize(z: 16, y: 12, x: 12))
    #expect(WorkingVoxelSize.patch(for: VoxelSize(z: 40, y: 8, x: 8)) == [12, 128, 128])
    #expect(WorkingVoxelSize.patch(for: VoxelSize(z: 10, y: 10, x: 10)) == [16, 96, 96])
    #expect(WorkingVoxelSize.patch(for: VoxelSize(z: 50, y: 8, x: 8), ofSingleSlices: true) == [1, 256, 256])
  }

  @Test("more slices contain the fewer, spread over z, another seed draws others")
  func slices() {
    let labelled = Array(10..<30)
    for seed in 0..<20 as Range<UInt64> {
      var before: Set<Int> = []
      for count in 1...20 {
        let drawn = NestedSlices.drawn(count, of: labelled, seed: seed)
        #expect(drawn.count == count && Set(drawn).isSuperset(of: before))
        before = Set(drawn)
      }
      let four = NestedSlices.drawn(4, of: labelled, seed: seed)
      #expect(zip(four, four.dropFirst()).allSatisfy { $1 - $0 >= 3 })
    }
    #expect(
      Set((0..<20).map { NestedSlices.drawn(1, of: labelled, seed: $0) }).count > 5)
    #expect(NestedSlices.drawn(9, of: [4, 2, 2], seed: 0) == [2, 4])
  }

  @Test("intervals cover every place once, whatever the lengths")
  func intervals() {
    for whole in [8, 9, 31, 64] {
      for length in 1...min(whole, 20) {
        for (from, to) in [(0, whole), (whole / 3, whole / 2 + 1)] {
          var times = [Int](repeating: 0, count: whole)
          for one in ValidationTiles.intervals(from, to, length, whole, margin: 4) {
            #expect(one.start >= 0 && one.start + length <= whole)
            for place in one.cell {
              #expect(place >= 0 && place < length)
              times[one.start + place] += 1
            }
          }
          for place in 0..<whole { #expect(times[place] == (from..<to ~= place ? 1 : 0)) }
        }
      }
    }
  }
}
