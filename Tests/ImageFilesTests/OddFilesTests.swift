// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles
import TestData
import Testing

/// One line of `odd-files/EXPECTED.tsv`: what tifffile or Pillow reads from a file.
struct ExpectedFile: CustomTestStringConvertible, Sendable {
  let path: String
  let shape: [Int]
  let type: String
  let minimum: Double?
  let maximum: Double?
  let sum: Double?

  var testDescription: String { path }

  /// The files of one folder.
  static func all(under folder: String) -> [ExpectedFile] {
    let table = SharedData.url("data/odd-files/EXPECTED.tsv")
    guard let text = try? String(contentsOf: table, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields[0].hasPrefix(folder) else { return nil }
      func number(_ text: String) -> Double? { ["False": 0, "True": 1][text] ?? Double(text) }
      return ExpectedFile(
        path: fields[0], shape: fields[2].split(separator: "x").compactMap { Int($0) },
        type: fields[3], minimum: number(fields[4]), maximum: number(fields[5]),
        sum: number(fields[6]))
    }
  }

  /// Why we refuse what the other program reads, by what must stand in the sentence.
  var refusal: String? {
    if shape.isEmpty { return "'" }
    if path.hasSuffix("multipage.tiff") { return "all slices of a volume need one size" }
    if path.hasSuffix("frame_loop.tiff") { return "turns back to an earlier page" }
    if path.hasSuffix("multi-channel-z-series.ome.tif") { return "3 channels" }
    let last = shape.last ?? 0
    let isColour =
      shape.count >= 3 && (last == 3 || last == 4) || path.hasSuffix("tiff_tiled_planar_lzw.tiff")
      || path.hasSuffix("multipage_rgb.tif")
    return isColour ? "colour" : nil
  }
}

@Suite(
  "Odd files that other programs read", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
struct OddFilesTests {
  @Test(
    "a file reads as tifffile or Pillow reads it, or is refused in one clear sentence",
    arguments: ExpectedFile.all(under: "tiff/") + ExpectedFile.all(under: "png/"))
  func file(expected: ExpectedFile) throws {
    let path = SharedData.path("data/odd-files/" + expected.path)
    if let reason = expected.refusal {
      let text = sentence {
        let stack = try SliceStack(opening: [path])
        for index in 0..<stack.extent[0] { _ = try stack.readSlice(index) }
      }
      let refused = try #require(text)
      #expect(refused.contains(reason) && refused.hasPrefix("'"), "\(refused)")
      return
    }
    let stack = try SliceStack(opening: [path])
    let type = expected.type == "bool" ? "uint8" : expected.type
    // tifffile calls OME's int8 uint8 in one table and keeps an axis of length 1 in another.
    #expect(stack.dataType.rawValue == type || expected.minimum == -1)
    #expect(stack.extent.sizes.filter { $0 != 1 } == expected.shape.filter { $0 != 1 })
    var sums = Sums()
    for index in 0..<stack.extent[0] { sums.add(try stack.readSlice(index)) }
    #expect(sums.minimum == expected.minimum)
    #expect(sums.maximum == expected.maximum)
    let sum = try #require(expected.sum)
    #expect(abs(sums.sum - sum) <= 1e-9 * abs(sum))
  }

  @Test("one channel of an OME stack is read when it is chosen")
  func channel() throws {
    let path = SharedData.path("data/odd-files/tiff/webknossos-libs/multi-channel-z-series.ome.tif")
    var sums = Sums()
    for channel in 0..<3 {
      let stack = try SliceStack(opening: [path], options: .init(channel: channel))
      #expect(stack.extent == [5, 167, 439])
      for index in 0..<5 { sums.add(try stack.readSlice(index)) }
    }
    #expect(sums.sum == 51_894_749)
    #expect(throws: ImageFileError.noSuchChannel(path: path, channel: 3, count: 3)) {
      try SliceStack(opening: [path], options: .init(channel: 3))
    }
  }

  @Test("a channel of an ImageJ hyperstack has every second page")
  func hyperstack() throws {
    let path = SharedData.path("data/odd-files/made/imagej-hyperstack-zcyx-uint16.tif")
    var sums = Sums()
    for channel in 0..<2 {
      let stack = try SliceStack(opening: [path], options: .init(channel: channel))
      #expect(stack.extent == [8, 96, 128])
      for index in 0..<8 { sums.add(try stack.readSlice(index)) }
    }
    #expect(sums.sum == 3_222_356_449)
  }
}

/// The least, the greatest and the sum of values.
struct Sums {
  var minimum = Double.infinity
  var maximum = -Double.infinity
  var sum = 0.0

  mutating func add(_ slice: NDArray) { add(slice.dataType.elementType, slice) }

  private mutating func add<Element: ArrayElement>(_: Element.Type, _ slice: NDArray) {
    slice.withSpan(of: Element.self) { span in
      for index in span.indices {
        let value = span[index].doubleValue
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        sum += value
      }
    }
  }
}
