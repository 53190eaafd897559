// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles
import TestData
import Testing

@Suite("A stack of slice files")
struct SliceStackTests {
  private func firstValues(_ stack: SliceStack) throws -> [UInt8] {
    try (0..<stack.extent[0]).map { try stack.readSlice($0).elements()[0] }
  }

  @Test("2.png comes before 10.png")
  func naturalOrder() throws {
    let folder = try TemporaryFolder()
    for number in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] {
      try folder.writePNG("\(number).png", value: UInt8(number))
    }
    let stack = try SliceStack(opening: [folder.path])
    #expect(try firstValues(stack) == Array(1...11))
    #expect(stack.sliceNumbers == Array(0..<11))
    #expect(stack.extent == [11, 2, 3])
  }

  @Test("a missing number is refused with the names on both sides")
  func gap() throws {
    let folder = try TemporaryFolder()
    for number in [5, 6, 8] { try folder.writePNG("images.00\(number).png") }
    let text = sentence { _ = try SliceStack(opening: [folder.path]) }
    #expect(
      text == "slice 7 is missing between '\(folder.path)/images.006.png' and"
        + " '\(folder.path)/images.008.png': add it, or give --allow-gaps to leave its place empty")
  }

  @Test("with gaps allowed slices keep the places that their numbers give")
  func allowedGap() throws {
    let folder = try TemporaryFolder()
    for number in [5, 6, 8] { try folder.writePNG("s\(number).png", value: UInt8(number)) }
    let stack = try SliceStack(opening: [folder.path], options: .init(allowGaps: true))
    #expect(stack.sliceNumbers == [5, 6, 8])
    #expect(stack.depth == 9)
    #expect(stack.numbering?.first == 5)
    #expect(try firstValues(stack) == [5, 6, 8])
  }

  @Test("every second number is no gap, but one missing among them is")
  func evenSteps() throws {
    let folder = try TemporaryFolder()
    let paths = try [26, 28, 30, 34].map { try folder.writePNG("z00\($0).png") }
    let even = try SliceStack(opening: Array(paths.prefix(3)))
    #expect(even.sliceNumbers == [0, 1, 2])
    #expect(sentence { _ = try SliceStack(opening: paths) }?.hasPrefix("slice 32 is missing") == true)
    let two = Array(paths.prefix(2))
    #expect(sentence { _ = try SliceStack(opening: two) }?.hasPrefix("slice 27 is missing") == true)
  }

  @Test("of several numbers in the names the one that counts is the slice")
  func severalNumbers() throws {
    let folder = try TemporaryFolder()
    for (number, time) in [(1, 1207), (2, 1159), (3, 1301)] {
      try folder.writePNG("2024_t\(time)_s\(number).png", value: UInt8(number))
    }
    #expect(try firstValues(SliceStack(opening: [folder.path])) == [1, 2, 3])
  }

  @Test("slices of unequal size are refused by name")
  func unequalSizes() throws {
    let folder = try TemporaryFolder()
    let first = try folder.writePNG("1.png", size: [4, 5])
    let second = try folder.writePNG("2.png", size: [4, 6])
    #expect(
      throws: ImageFileError.unequalSizes(
        first: first, firstSize: [4, 5], second: second, secondSize: [4, 6])
    ) { try SliceStack(opening: [folder.path]) }
  }

  @Test("slices of 8 and 16 bit are refused, and widened where only nonzero counts")
  func mixedDepths() throws {
    let folder = try TemporaryFolder()
    let first = try folder.writePNG("1.png", value: 7)
    let second = folder.path("2.png")
    try PNGWriter.write(NDArray([UInt16](repeating: 700, count: 6), [2, 3]), to: second)
    #expect(
      throws: ImageFileError.mixedTypes(
        first: first, firstType: "8-bit unsigned", second: second, secondType: "16-bit unsigned")
    ) { try SliceStack(opening: [folder.path]) }
    let stack = try SliceStack(opening: [folder.path], options: .init(mixedDepths: true))
    #expect(stack.dataType == .uint16)
    #expect(try stack.readSlice(0).elements(as: UInt16.self) == [7, 7, 7, 7, 7, 7])
    #expect(try stack.readSlice(1).elements(as: UInt16.self)[5] == 700)
  }

  @Test("two series in one folder are refused by name")
  func twoSeries() throws {
    let folder = try TemporaryFolder()
    let first = try folder.writePNG("image1.png")
    let second = try folder.writePNG("mask1.png")
    #expect(throws: ImageFileError.unrelatedNames(first: first, second: second)) {
      try SliceStack(opening: [folder.path])
    }
  }

  @Test("one number twice is refused")
  func repeatedNumber() throws {
    let folder = try TemporaryFolder()
    try folder.writePNG("1.png")
    try folder.writePNG("01.png")
    #expect(sentence { _ = try SliceStack(opening: [folder.path]) }?.contains("both slice 1") == true)
  }

  @Test("hidden files and Thumbs.db are passed over, other files refused by name")
  func otherFiles() throws {
    let folder = try TemporaryFolder()
    try folder.writePNG("1.png")
    try folder.write([0], ".DS_Store")
    try folder.write([0], "Thumbs.db")
    #expect(try SliceStack(opening: [folder.path]).extent == [1, 2, 3])
    let notes = try folder.write([65], "notes.txt")
    #expect(throws: ImageFileError.notAnImage(path: notes)) {
      try SliceStack(opening: [folder.path])
    }
  }

  @Test("a folder among the slices is refused by name")
  func nestedFolder() throws {
    let folder = try TemporaryFolder()
    try folder.writePNG("1.png")
    try FileManager.default.createDirectory(at: folder("old"), withIntermediateDirectories: false)
    #expect(throws: ImageFileError.nestedFolder(path: folder.path("old"))) {
      try SliceStack(opening: [folder.path])
    }
  }

  @Test("nothing, an empty folder and an empty file are refused")
  func nothing() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ImageFileError.emptyFolder(path: folder.path)) {
      try SliceStack(opening: [folder.path])
    }
    #expect(throws: ImageFileError.missing(path: folder.path("1.png"))) {
      try SliceStack(opening: [folder.path("1.png")])
    }
    let empty = try folder.write([], "1.png")
    #expect(throws: ImageFileError.damaged(path: empty, reason: "it is empty")) {
      try SliceStack(opening: [folder.path])
    }
  }

  @Test("a source file knows its SHA-256")
  func hash() throws {
    let folder = try TemporaryFolder()
    let stack = try SliceStack(opening: [try folder.writePNG("1.png")])
    let path = folder.path("abc.png")
    // FIPS 180-2, appendix B.1: the hash of "abc".
    try FileManager.default.copyItem(atPath: folder.path("1.png"), toPath: path)
    #expect(try stack.files[0].sha256().count == 64)
    #expect(stack.files[0].byteCount > 60)
  }

  @Test("a stack of 2,000 files opens")
  func manyFiles() throws {
    let folder = try TemporaryFolder()
    for number in 0..<2000 { try folder.writePNG("\(number).png", value: UInt8(number % 251)) }
    let stack = try SliceStack(opening: [folder.path])
    #expect(stack.extent[0] == 2000)
    #expect(try stack.readSlice(1999).elements()[0] as UInt8 == UInt8(1999 % 251))
  }
}

@Suite("Real slices", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
struct RealSlicesTests {
  @Test("two files of many pages are one stack")
  func severalPagedFiles() throws {
    let folder = SharedData.path("data/epfl-hippocampus-fibsem/")
    let stack = try SliceStack(
      opening: ["train_raw_z056-111.tif", "train_raw_z000-055.tif"].map { folder + "/" + $0 })
    #expect(stack.extent == [112, 448, 512])
    #expect(stack.files.map(\.path).first?.hasSuffix("z000-055.tif") == true)
    #expect(stack.sliceName(56).hasSuffix("train_raw_z056-111.tif page 1"))
    #expect(stack.numbering == nil)
  }

  @Test("a folder that mixes 1-bit and 8-bit masks is refused, or taken as 0 and not 0")
  func mixedMasks() throws {
    let folder = SharedData.path("data/vnc-drosophila-sstem/mitochondria")
    let text = try #require(sentence { _ = try SliceStack(opening: [folder]) })
    #expect(text.contains("1-bit unsigned") && text.contains("8-bit unsigned"))
    let stack = try SliceStack(opening: [folder], options: .init(mixedDepths: true))
    var foreground = 0
    for index in 0..<20 {
      for value: UInt8 in try stack.readSlice(index).elements() where value != 0 { foreground += 1 }
    }
    // 5.4 % by the data's own README.
    #expect(abs(Double(foreground) / Double(20 * 1024 * 1024) - 0.054) < 0.0005)
  }

  @Test("every second section of a series is a stack without gaps")
  func everySecond() throws {
    let folder = SharedData.path("data/hela-sbfsem/raw")
    let paths = [34, 26, 30, 28, 32].map { "\(folder)/z00\($0).tif" }
    let stack = try SliceStack(opening: paths)
    #expect(stack.extent == [5, 960, 960])
    #expect(stack.sliceName(0).hasSuffix("z0026.tif"))
    #expect(sentence { _ = try SliceStack(opening: [folder]) }?.hasPrefix("slice 3 is missing") == true)
  }

  @Test("gray with an opaque alpha channel is read as gray")
  func opaqueAlpha() throws {
    let path = SharedData.path("data/spinalcord-sem-2d/sub-rat6/micr/sub-rat6_sample-data15_SEM.png")
    let stack = try SliceStack(opening: [path])
    #expect(stack.extent == [1, 744, 1154] && stack.dataType == .uint8)
    #expect(try Set(stack.readSlice(0).elements(as: UInt8.self)).count > 100)
  }
}
