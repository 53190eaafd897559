// SPDX-License-Identifier: Apache-2.0

import Arrays
import ImageProcessing
import Testing

@Suite("Gaussian blur and CLAHE of made slices")
struct BlurTests {
  @Test("a bright pixel spreads by the kernel in steps of 1/256: 27, 202, 27")
  func point() {
    // exp(-2) / (1 + 2 exp(-2)) = 0.10651: 27.27 of 256, the rest 202 in the centre.
    var slice = NDArray(.uint8, [5, 5])
    slice.withMutableSpan(of: UInt8.self) { $0[12] = 255 }
    let corner = UInt8((27 * 27 * 255 + 32_768) >> 16)
    let edge = UInt8((27 * 202 * 255 + 32_768) >> 16)
    let centre = UInt8((202 * 202 * 255 + 32_768) >> 16)
    let result = GaussianBlur().applied(to: slice).elements(as: UInt8.self)
    #expect(Array(result[6...8]) == [corner, edge, corner])
    #expect(Array(result[11...13]) == [edge, centre, edge])
    #expect(result[0] == 0)
  }

  @Test("beyond the border the slice is mirrored, the border pixel not repeated")
  func border() {
    let row = NDArray([0, 256, 0] as [Float], [1, 3])
    let result = GaussianBlur().applied(to: row).elements(as: Float.self)
    #expect(abs(result[0] - 2 * 27.2658) < 1e-3)
    #expect(abs(result[1] - 201.4684) < 1e-3)
  }

  @Test("a flat slice stays flat", arguments: [1, 3, 5, 7])
  func flat(_ size: Int) {
    for extent: Extent in [[1, 1], [1, 9], [2, 2], [6, 5]] {
      let bytes = NDArray([UInt8](repeating: 201, count: extent.count), extent)
      #expect(GaussianBlur(size: size, sigma: 1.1).applied(to: bytes) == bytes)
      let words = NDArray([UInt16](repeating: 65_535, count: extent.count), extent)
      #expect(GaussianBlur(size: size, sigma: 1.1).applied(to: words) == words)
    }
  }

  @Test("without a clip limit two values of equal share become 128 and 255")
  func equalised() {
    // Every tile holds both values equally often: cumulated shares 1/2 and 1 of 255.
    let slice = NDArray((0..<64).map { UInt8($0 % 2 == 0 ? 10 : 20) }, [8, 8])
    let result = CLAHE(clipLimit: 0, tilesY: 2, tilesX: 2).applied(to: slice)
    #expect(result.elements(as: UInt8.self) == (0..<64).map { UInt8($0 % 2 == 0 ? 128 : 255) })
  }

  @Test("tiny slices are equalised too", arguments: [[1, 1], [1, 20], [3, 5], [9, 8]])
  func tiny(_ shape: [Int]) {
    let slice = NDArray((0..<Extent(shape).count).map { UInt16($0 * 100) }, Extent(shape))
    #expect(CLAHE().applied(to: slice).extent == slice.extent)
  }
}
