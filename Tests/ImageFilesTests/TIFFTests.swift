// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles
import TestData
import Testing

@Suite("TIFF headers that lie, and what they say in truth")
struct TIFFTests {
  private func refusal(of tiff: HandmadeTIFF) throws -> String {
    let folder = try TemporaryFolder()
    let path = try folder.write(tiff.bytes, "a.tif")
    let text = sentence {
      let stack = try SliceStack(opening: [path])
      for index in 0..<stack.extent[0] { _ = try stack.readSlice(index) }
    }
    return try #require(text).replacingOccurrences(of: folder.path + "/", with: "")
  }

  @Test("a whole file reads")
  func whole() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(HandmadeTIFF(width: 3, height: 2, strip: [1, 2, 3, 4, 5, 6]).bytes, "a.tif")
    #expect(try SliceStack(opening: [path]).readSlice(0).elements() == [1, 2, 3, 4, 5, 6] as [UInt8])
  }

  @Test("a file cut short anywhere is an error and never an image")
  func truncated() throws {
    let bytes = HandmadeTIFF(width: 3, height: 2, strip: [1, 2, 3, 4, 5, 6]).bytes
    let folder = try TemporaryFolder()
    for length in 0..<bytes.count {
      let path = try folder.write(Array(bytes[..<length]), "a.tif")
      #expect(throws: ImageFileError.self, "\(length) bytes") {
        _ = try SliceStack(opening: [path]).readSlice(0)
      }
    }
  }

  @Test("a header that claims more pixels than the file holds is refused")
  func claimsMore() throws {
    let tiff = HandmadeTIFF(width: 60_000, height: 60_000, strip: [1, 2, 3])
    #expect(
      try refusal(of: tiff)
        == "'a.tif' is damaged: it ends before the data that its header names;"
        + " make it again from its source")
  }

  @Test("a compressed strip that could never decode to what it claims is refused")
  func bomb() throws {
    var tiff = HandmadeTIFF(width: 40_000, height: 40_000, strip: [UInt8](repeating: 7, count: 1000))
    tiff.tags[259] = 8
    #expect(try refusal(of: tiff).contains("claims 1600000000 bytes of image in 1000 bytes of file"))
    tiff.tags[278] = 40_000
    tiff.tags[256] = 2_000_000
    tiff.tags[257] = 2_000_000
    #expect(try refusal(of: tiff).contains("'a.tif'"))
  }

  @Test("strips of more than 2 GiB are refused where they are compressed")
  func largeStrip() throws {
    var tiff = HandmadeTIFF(width: 50_000, height: 50_000, strip: [UInt8](repeating: 7, count: 1000))
    tiff.tags[259] = 5
    #expect(try refusal(of: tiff).contains("strips or tiles of more than 2 GiB"))
  }

  @Test("a strip that does not decode is an error that names the file")
  func brokenStrip() throws {
    var tiff = HandmadeTIFF(width: 30, height: 20, strip: [UInt8](repeating: 0xA7, count: 300))
    tiff.tags[259] = 8
    let text = try refusal(of: tiff)
    #expect(text.hasPrefix("'a.tif' is damaged: "))
    #expect(text.hasSuffix("; make it again from its source"))
  }

  @Test("a chain of pages that turns back is refused")
  func loop() throws {
    var tiff = HandmadeTIFF(width: 3, height: 2, strip: [1, 2, 3, 4, 5, 6])
    tiff.nextDirectory = 8
    #expect(try refusal(of: tiff).contains("turns back to an earlier page"))
  }

  @Test("random damage is an error or another image, never a crash")
  func randomDamage() throws {
    let bytes = HandmadeTIFF(width: 3, height: 2, strip: [1, 2, 3, 4, 5, 6]).bytes
    let folder = try TemporaryFolder()
    for place in bytes.indices.dropLast(6) {
      for value: UInt8 in [0, 1, 0x7F, 0xFF] {
        var damaged = bytes
        damaged[place] = value
        let path = try folder.write(damaged, "a.tif")
        if let stack = try? SliceStack(opening: [path]) {
          for index in 0..<stack.extent[0] { _ = try? stack.readSlice(index) }
        }
      }
    }
  }

  @Test("12-bit samples unpack with the highest bit first")
  func twelveBits() throws {
    let folder = try TemporaryFolder()
    var tiff = HandmadeTIFF(
      width: 3, height: 2, strip: [0x12, 0x34, 0x56, 0x78, 0x90, 0xAB, 0xCD, 0xEF, 0x01, 0x20])
    tiff.tags[258] = 12
    let path = try folder.write(tiff.bytes, "a.tif")
    // Rows of three samples fill 36 bits and end at the fifth byte.
    #expect(
      try SliceStack(opening: [path]).readSlice(0).elements()
        == [0x123, 0x456, 0x789, 0xABC, 0xDEF, 0x012] as [UInt16])
  }
}

@Suite("Voxel sizes that TIFF files state")
struct TIFFVoxelSizeTests {
  private func voxelSize(
    _ description: String, x: (UInt32, UInt32) = (1, 1), y: (UInt32, UInt32) = (1, 1)
  ) throws -> VoxelSize? {
    let folder = try TemporaryFolder()
    var tiff = HandmadeTIFF(width: 1, height: 1, strip: [1])
    tiff.description = description
    tiff.resolution = (x: x, y: y)
    return try SliceStack(opening: [try folder.write(tiff.bytes, "a.tif")]).voxelSize
  }

  @Test("ImageJ's unit holds for all axes, x and y are pixels a unit, z is the spacing")
  func imageJ() throws {
    // As ImageJ writes 4.6 and 130 nm in x and y: whole millionths of a pixel a unit.
    let text = "ImageJ=1.53t\nunit=nm\nspacing=50.5\nloop=false\n"
    let size = try voxelSize(text, x: (217_391, 1_000_000), y: (7692, 1_000_000))
    #expect(size == VoxelSize(z: 50.5, y: 130, x: 4.6))
  }

  @Test("micrometres are turned to nanometres without loss")
  func micrometres() throws {
    for unit in ["um", "µm", "micron", "\\u00B5m"] {
      let size = try voxelSize("ImageJ=1.53t\nunit=\(unit)\nspacing=0.05\n", x: (125, 1), y: (250, 1))
      #expect(size == VoxelSize(z: 50, y: 4, x: 8), "\(unit)")
    }
  }

  @Test("without a spacing, a resolution or a unit of length nothing is assumed")
  func incomplete() throws {
    #expect(try voxelSize("ImageJ=1.53t\nunit=nm\n", x: (1, 8), y: (1, 8)) == nil)
    #expect(try voxelSize("ImageJ=1.53t\nspacing=50\n", x: (1, 8), y: (1, 8)) == nil)
    #expect(try voxelSize("ImageJ=1.53t\nunit=pixel\nspacing=50\n", x: (1, 8), y: (1, 8)) == nil)
    #expect(try voxelSize("made by hand", x: (72, 1), y: (72, 1)) == nil)
  }

  @Test("OME states each axis with its own unit, micrometres where none is given")
  func ome() throws {
    let text = """
      <?xml version="1.0"?><OME xmlns="x"><Image ID="Image:0"><Pixels DimensionOrder="XYZCT" \
      PhysicalSizeX="0.008" PhysicalSizeY="12" PhysicalSizeYUnit="nm" PhysicalSizeZ="0.05" \
      PhysicalSizeZUnit="&#181;m" SizeX="1" SizeY="1" SizeZ="1" SizeC="1" SizeT="1"/></Image></OME>
      """
    #expect(try voxelSize(text) == VoxelSize(z: 50, y: 12, x: 8))
  }
}

@Suite("Stacks of ImageJ")
struct ImageJStackTests {
  @Test("a stack above 4 GB with one directory reads to its last slice")
  func large() throws {
    let folder = try TemporaryFolder()
    let side = 1 << 15
    // Five slices of 1 GiB: a sparse file that takes no room on disk.
    var tiff = HandmadeTIFF(width: UInt32(side), height: UInt32(side), strip: [])
    tiff.tags[279] = UInt32(side * side)
    tiff.description = "ImageJ=1.53t\nimages=5\nslices=5\nunit=nm\nspacing=50\n"
    tiff.resolution = (x: (1, 8), y: (1, 8))
    let head = tiff.bytes
    let path = try folder.write(head, "large.tif")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    let last = UInt64(head.count + 4 * side * side)
    try file.seek(toOffset: last + 5)
    try file.write(contentsOf: Data([42]))
    try file.truncate(atOffset: last + UInt64(side * side))
    try file.close()
    let stack = try SliceStack(opening: [path])
    #expect(stack.extent == [5, side, side])
    #expect(stack.voxelSize == VoxelSize(z: 50, y: 8, x: 8))
    let slice = try stack.readSlice(4)
    slice.withSpan(of: UInt8.self) { span in
      #expect(span[4] == 0 && span[5] == 42 && span[6] == 0)
    }
  }

  @Test("a stack with one directory that is too short for its slices is refused")
  func tooShort() throws {
    let folder = try TemporaryFolder()
    var tiff = HandmadeTIFF(width: 2, height: 2, strip: [1, 2, 3, 4, 5, 6, 7])
    tiff.tags[279] = 4
    tiff.description = "ImageJ=1.53t\nimages=2\nslices=2\n"
    let path = try folder.write(tiff.bytes, "a.tif")
    #expect(
      sentence { _ = try SliceStack(opening: [path]) }?
        .contains("it says that it holds 2 slices, but it is too short") == true)
    tiff.strip.append(8)
    let whole = try SliceStack(opening: [try folder.write(tiff.bytes, "a.tif")])
    #expect(try whole.readSlice(1).elements() == [5, 6, 7, 8] as [UInt8])
  }
}
