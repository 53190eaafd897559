// SPDX-License-Identifier: Apache-2.0

import Arrays
import ImageProcessing
import Testing

@Suite("Resampling")
struct ResamplingTests {
  @Test("an area mean weighs pixels by their overlap")
  func area() {
    // 5 pixels to 2: each new one covers two pixels and half of the middle one.
    let row = NDArray([0, 10, 20, 30, 40] as [Float], [1, 5])
    #expect(resized(row, to: [1, 2], by: .area).elements(as: Float.self) == [8, 32])
  }

  @Test("a mask keeps its place for odd sizes", arguments: [Interpolation.nearest, .linear, .area])
  func centred(_ interpolation: Interpolation) {
    // A symmetric row stays symmetric: nothing shifts to one side.
    for (size, target) in [(5, 3), (7, 15), (9, 4), (4, 9), (11, 7)] {
      let values = (0..<size).map { Float(min($0, size - 1 - $0)) }
      let result = resized(NDArray(values, [1, size]), to: [1, target], by: interpolation)
        .elements(as: Float.self)
      for index in 0..<target where interpolation != .nearest || (2 * index + 1) * size % (2 * target) != 0 {
        #expect(abs(result[index] - result[target - 1 - index]) < 1e-4, "\(size) to \(target)")
      }
    }
  }

  @Test("area enlarges linearly")
  func enlarging() {
    let row = NDArray([0, 100] as [UInt8], [1, 2])
    // New centres at -0.25, 0.25, 0.75, 1.25 of the old grid.
    #expect(resized(row, to: [1, 4], by: .area).elements(as: UInt8.self) == [0, 25, 75, 100])
    let column = resized(NDArray([0, 0, 100, 100] as [UInt8], [2, 2]), to: [4, 1], by: .area)
    #expect(column.elements(as: UInt8.self) == [0, 25, 75, 100])
  }

  @Test("nearest takes the pixel under the centre and keeps 64-bit ids")
  func nearest() {
    let ids: [UInt64] = [1 << 63 + 1, 5, 1 << 53 + 1]
    let result = resized(NDArray(ids, [1, 3]), to: [2, 5], by: .nearest)
    #expect(
      result.elements(as: UInt64.self) == [ids[0], ids[0], ids[1], ids[2], ids[2]] + [
        ids[0], ids[0], ids[1], ids[2], ids[2],
      ])
  }

  @Test("a flat slice stays flat", arguments: [Interpolation.area, .linear, .nearest])
  func flat(_ interpolation: Interpolation) {
    for extent: Extent in [[3, 4], [1, 1], [31, 7], [13, 50]] {
      let slice = NDArray([UInt16](repeating: 40_000, count: 17 * 13), [17, 13])
      let result = resized(slice, to: extent, by: interpolation)
      #expect(result == NDArray([UInt16](repeating: 40_000, count: extent.count), extent))
    }
  }

  @Test("an empty target is an empty slice")
  func empty() {
    #expect(resized(NDArray(.uint8, [3, 3]), to: [0, 3], by: .linear).count == 0)
  }
}
