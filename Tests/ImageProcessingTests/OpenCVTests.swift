// SPDX-License-Identifier: Apache-2.0

import Arrays
import ImageFiles
import ImageProcessing
import TestData
import Testing

@Suite(
  "OpenCV's results", .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct OpenCVTests {
  @Test("CLAHE, also of a slice whose sides the tiles do not divide", arguments: ["700x900", "203x311"])
  func clahe(_ size: String) throws {
    #expect(CLAHE().applied(to: try slice("source_\(size)")) == (try slice("clahe_3.5_8x8_\(size)")))
  }

  @Test("CLAHE, then a blur")
  func blur() throws {
    let result = GaussianBlur().applied(to: CLAHE().applied(to: try slice("source_700x900")))
    #expect(result == (try slice("clahe_then_gauss_3x3_0.5_700x900")))
  }

  @Test("area means by whole and by fractional factors")
  func area() throws {
    let source = try slice("source_700x900")
    #expect(resized(source, to: [350, 450], by: .area) == (try slice("area_350x450")))
    let small = resized(source, to: [200, 257], by: .area)
    #expect(small == (try slice("area_200x257")))
    #expect(CLAHE().applied(to: small) == (try slice("area_200x257_then_clahe")))
  }

  private func slice(_ name: String) throws -> NDArray {
    try SliceStack(opening: [SharedData.path("data/oracles/preprocessing/\(name).png")]).readSlice(0)
  }
}
