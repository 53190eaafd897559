// SPDX-License-Identifier: Apache-2.0

import Arrays
import Segmentation
import Testing

@Suite("Components of a stream of slabs")
struct StreamedComponentsTests {
  @Test(
    "the pieces are those of the whole volume, however it is cut", arguments: [1, 2, 5, 11],
    Connectivity.allCases)
  func likeTheWhole(depth: Int, connectivity: Connectivity) {
    var state: UInt64 = 9
    let shape: Extent = [11, 13, 17]
    let voxels = (0..<shape.count).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return [0, 0, 0, 1, 2, 3][Int(state >> 33) % 6]
    }
    let volume = NDArray(voxels, shape)
    // 2 and 3 are one class.
    let mapped = NDArray(voxels.map { $0 == 3 ? 2 : $0 }, shape)
    let origin = [4, 5, 6]
    var components = StreamedComponents(connectivity: connectivity) { min($0, 2) }
    for z in stride(from: 0, to: 11, by: depth) {
      let box = Box(lower: [z, 0, 0], upper: [min(z + depth, 11), 13, 17])
      components.add(volume.cropped(to: box), origin: [z + 4, 5, 6])
    }
    let expected = instances(
      of: connectedComponents(mapped, connectivity: connectivity).labels, origin: origin)
    let found = components.finished()
    #expect(found.map(\.voxels) == expected.map(\.voxels))
    #expect(found.map(\.box) == expected.map(\.box))
    for (a, b) in zip(found, expected) {
      for axis in 0..<3 { #expect(abs(a.centroid[axis] - b.centroid[axis]) < 1e-9) }
    }
  }

  @Test("a slice left out parts what lies on its two sides")
  func gap() {
    let slice = NDArray([UInt16](repeating: 7, count: 4), [1, 2, 2])
    var components = StreamedComponents(connectivity: .corners)
    components.add(slice, origin: [0, 0, 0])
    components.add(slice, origin: [2, 0, 0])
    components.add(slice, origin: [3, 1, 1])
    let found = components.finished()
    #expect(found.map(\.voxels) == [4, 8])
    #expect(found.last?.box == Box(lower: [2, 0, 0], upper: [4, 3, 3]))
    #expect(found.last?.label == 7)
  }

  @Test("values are counted, signed ones by their bits")
  func counts() {
    let array = NDArray([Int8(-1), 0, 0, 5, -1, -1], [2, 3])
    #expect(valueCounts(of: array) == [0: 2, 5: 1, .max: 3])
  }
}
