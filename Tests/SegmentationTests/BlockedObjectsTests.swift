// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing

@testable import Segmentation

@Suite("Objects put together from blocks")
struct BlockedObjectsTests {
  static let blocks: [Extent] = [[12, 13, 17], [5, 13, 4], [1, 1, 17], [3, 3, 3], [4, 7, 5]]
  static let shape: Extent = [12, 13, 17]

  private func random(_ values: [UInt8], seed: UInt64) -> NDArray {
    var random = SplitMix64(state: seed)
    return NDArray(
      (0..<Self.shape.count).map { _ in values[Int(random.next() % UInt64(values.count))] }, Self.shape)
  }

  @Test("components are those of the whole, numbered alike", arguments: blocks, Connectivity.allCases)
  func components(block: Extent, connectivity: Connectivity) {
    for (seed, values) in [[0, 0, 0, 1], [0, 0, 1, 2, 3], [0, 1, 1]].enumerated() {
      let volume = random(values.map { UInt8($0) }, seed: UInt64(seed))
      let found = BlockedObjects(LabellingRule(connectivity: connectivity), block: block).ids(of: volume)
      let whole = connectedComponents(volume, connectivity: connectivity)
      #expect(found.ids == whole.labels.elements(as: UInt64.self))
      let known = instances(of: whole.labels)
      #expect(found.objects.map(\.voxels) == known.map(\.voxels))
    }
  }

  @Test("slices taken apart have the components of each slice", arguments: blocks)
  func slices(block: Extent) {
    let volume = random([0, 1, 1], seed: 4)
    let rule = LabellingRule(connectivity: .corners, isPerSlice: true)
    let found = BlockedObjects(rule, block: block).ids(of: volume).ids
    var count: UInt64 = 0
    for z in 0..<12 {
      let slice = volume.cropped(to: Box(lower: [z, 0, 0], upper: [z + 1, 13, 17]))
      let whole = connectedComponents(slice, connectivity: .corners)
      let expected = whole.labels.elements(as: UInt64.self).map { $0 == 0 ? 0 : $0 + count }
      #expect(Array(found[z * 221..<(z + 1) * 221]) == expected)
      count += UInt64(whole.count)
    }
  }

  @Test("voxels of one value are one object, and in slices that are apart one a slice", arguments: blocks)
  func values(block: Extent) {
    let volume = random([0, 3, 9], seed: 5)
    let together = BlockedObjects(LabellingRule(.values), block: block).ids(of: volume)
    #expect(together.objects.count == 2)
    #expect(Set(together.objects.map(\.value)) == [3, 9])
    let apart = BlockedObjects(LabellingRule(.values, isPerSlice: true), block: block).ids(of: volume)
    #expect(apart.objects.count == 24)
    #expect(together.objects.map(\.voxels).reduce(0, +) == apart.objects.map(\.voxels).reduce(0, +))
  }

  @Test("small objects go, and the others are numbered anew", arguments: blocks)
  func minimum(block: Extent) {
    let volume = random([0, 0, 0, 1], seed: 6)
    let whole = instances(of: connectedComponents(volume, connectivity: .faces).labels)
    let found = BlockedObjects(LabellingRule(), block: block, minimumVoxels: 4).ids(of: volume)
    #expect(found.objects.map(\.voxels) == whole.map(\.voxels).filter { $0 >= 4 })
    #expect(Set(found.ids) == Set(0...UInt64(found.objects.count)))
  }

  @Test(
    "a hole is filled, one that is open or shared is not", arguments: [[7, 9, 9], [2, 3, 2], [7, 1, 9]])
  func holes(block: [Int]) {
    // Two boxes with walls of one voxel, one of them with an opening, and a hole between two values.
    let shape: Extent = [7, 9, 18]
    var voxels = [UInt8](repeating: 0, count: shape.count)
    func paint(_ box: Box, _ value: UInt8) {
      for at in box.positions { voxels[(at[0] * 9 + at[1]) * 18 + at[2]] = value }
    }
    paint(Box(lower: [1, 1, 1], upper: [6, 6, 6]), 1)
    paint(Box(lower: [2, 2, 2], upper: [5, 5, 5]), 0)
    paint(Box(lower: [1, 1, 7], upper: [6, 6, 12]), 1)
    paint(Box(lower: [2, 2, 8], upper: [5, 5, 11]), 0)
    paint(Box(lower: [3, 3, 7], upper: [4, 4, 8]), 0)
    paint(Box(lower: [1, 1, 13], upper: [6, 6, 18]), 1)
    paint(Box(lower: [2, 2, 14], upper: [5, 5, 17]), 0)
    paint(Box(lower: [1, 1, 15], upper: [6, 6, 18]), 2)
    paint(Box(lower: [2, 2, 15], upper: [5, 5, 17]), 0)
    let rule = LabellingRule(connectivity: .corners, fillsHoles: true)
    let found = BlockedObjects(rule, block: Extent(block)).ids(of: NDArray(voxels, shape))
    #expect(found.objects.map(\.voxels) == [125, 125 - 27 - 1, 50 - 18 + 9, 75 - 18])
  }

  @Test("in slices a hole of a slice is filled")
  func ring() {
    let ring: [UInt8] = [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    let volume = NDArray(ring + ring, [2, 5, 5])
    let solid = BlockedObjects(LabellingRule(fillsHoles: true), block: [1, 2, 3]).ids(of: volume)
    #expect(solid.objects.map(\.voxels) == [16])
    let rule = LabellingRule(isPerSlice: true, fillsHoles: true)
    let apart = BlockedObjects(rule, block: [1, 2, 3]).ids(of: volume)
    #expect(apart.objects.map(\.voxels) == [9, 9])
  }

  @Test("what is kept of holes grows with the objects around them, not with the faces of blocks")
  func rims() {
    // A bar along x through four blocks, and in two of them a hole that ends at the face to the others.
    let shape: Extent = [14, 14, 24]
    let voxels = NDArray(
      Box(shape).positions.map { at -> UInt8 in
        let isBar = (2..<12).contains(at[0]) && (2..<12).contains(at[1]) && (2..<22).contains(at[2])
        let isHole = (4..<10).contains(at[0]) && (4..<7).contains(at[1]) && (4..<20).contains(at[2])
        return isBar && !isHole ? 1 : 0
      }, shape)
    let rule = LabellingRule(fillsHoles: true)
    var merger = FragmentMerger(shape: shape, block: [14, 7, 12], rule: rule)
    for index in Box(merger.grid.counts).positions {
      let box = merger.grid.box(at: index)
      let labels = BlockLabels(
        of: voxels.cropped(to: box), in: box, of: shape, rule: rule,
        coverage: BlockCoverage(of: box, by: [Box(shape)]))
      merger.add(labels.summary, at: index)
    }
    // The outside reaches the volume's edge in each block. Each of the hole's two parts touches the part of the
    // bar in its block and, with 48 voxels, that beyond the face.
    #expect(merger.rims.count == 4)
    #expect(merger.contacts.isEmpty)
    #expect(merger.merged().objects.map(\.voxels) == [2000])
  }

  @Test("an object with an unknown voxel beside it touches the edge")
  func edges() {
    let volume = NDArray([1, 0, 1, 0, 1, 0, 1, 0] as [UInt8], [1, 1, 8])
    let covered = [Box(lower: [0, 0, 0], upper: [1, 1, 4]), Box(lower: [0, 0, 4], upper: [1, 1, 8])]
    let found = BlockedObjects(LabellingRule(isPerSlice: true), block: [1, 1, 3], covered: covered)
    #expect(found.ids(of: volume).objects.map(\.touchesEdge) == [true, true, true, true])
    let tall = NDArray([UInt8](repeating: 0, count: 12) + [1] + [UInt8](repeating: 0, count: 12), [1, 5, 5])
    #expect(found.ids(of: tall).objects.map(\.touchesEdge) == [true])
  }

  @Test("70,000 cubes are 70,000 objects")
  func manyCubes() {
    // 2³ cubes two voxels apart: 50 × 40 × 35.
    let counts = [50, 40, 35]
    let shape = Extent(counts.map { $0 * 3 })
    var voxels = [UInt8](repeating: 0, count: shape.count)
    for place in voxels.indices {
      let (z, y, x) = (place / (120 * 105), place / 105 % 120, place % 105)
      if z % 3 < 2 && y % 3 < 2 && x % 3 < 2 { voxels[place] = 1 }
    }
    let found = BlockedObjects(LabellingRule(connectivity: .corners), block: [64, 64, 64])
      .ids(of: NDArray(voxels, shape))
    #expect(found.objects.count == 70_000)
    #expect(found.objects.allSatisfy { $0.voxels == 8 })
    #expect(found.ids.max() == 70_000)
  }

  @Test("two cubes in blocks that meet at a corner are one object of 26 neighbours, and two of 18")
  func cornerTouch() {
    var voxels = [UInt8](repeating: 0, count: 512)
    for at in Box(lower: [2, 2, 2], upper: [4, 4, 4]).positions {
      voxels[(at[0] * 8 + at[1]) * 8 + at[2]] = 1
    }
    for at in Box(lower: [4, 4, 4], upper: [6, 6, 6]).positions {
      voxels[(at[0] * 8 + at[1]) * 8 + at[2]] = 1
    }
    let volume = NDArray(voxels, [8, 8, 8])
    for (connectivity, count) in [(Connectivity.faces, 2), (.edges, 2), (.corners, 1)] {
      let found = BlockedObjects(LabellingRule(connectivity: connectivity), block: [4, 4, 4]).ids(of: volume)
      #expect(found.objects.count == count)
    }
    // The same across the other diagonals.
    for (a, b) in [
      ([3, 4, 4], [4, 3, 4]), ([3, 3, 4], [4, 4, 3]), ([3, 4, 3], [4, 3, 4]), ([4, 3, 4], [3, 4, 4]),
    ] {
      var pair = [UInt8](repeating: 0, count: 512)
      for at in [a, b] { pair[(at[0] * 8 + at[1]) * 8 + at[2]] = 1 }
      let found = BlockedObjects(LabellingRule(connectivity: .corners), block: [4, 4, 4])
        .ids(of: NDArray(pair, [8, 8, 8]))
      #expect(found.objects.count == 1)
    }
  }
}
