// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles
import TestData
import Testing

@Suite("Image file writers")
struct WriterTests {
  @Test(
    "a written stack reads back with its voxel size",
    arguments: [DataType.uint8, .int16, .uint16, .uint32, .int64, .uint64, .float32, .float64])
  func stack(type: DataType) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("stack.tif")
    let size = VoxelSize(z: 50, y: 4.6, x: 8)
    let values = NDArray([Double](stride(from: 0, to: 60, by: 1)), [3, 4, 5]).converted(to: type)
    let writer = try TIFFWriter(path, extent: [3, 4, 5], dataType: type, voxelSize: size)
    #expect(!FileManager.default.fileExists(atPath: path), "no half file under the final name")
    let slices = (0..<3).map { z in
      values.cropped(to: Box(origin: [z, 0, 0], extent: [1, 4, 5])).reshaped([4, 5])
    }
    for slice in slices { try writer.write(slice) }
    try writer.finish()
    let read = try SliceStack(opening: [path])
    #expect(read.extent == [3, 4, 5])
    #expect(read.dataType == type)
    let voxelSize = try #require(read.voxelSize)
    #expect(voxelSize.z == 50 && voxelSize.x == 8 && abs(voxelSize.y - 4.6) < 1e-6)
    for z in 0..<3 { #expect(try read.readSlice(z) == slices[z]) }
  }

  @Test("gray of 8 and 16 bit reads back from PNG, other types are refused")
  func png() throws {
    let folder = try TemporaryFolder()
    let bytes = NDArray([UInt8](0..<60), [6, 10])
    try PNGWriter.write(bytes, to: folder.path("8.png"))
    #expect(try SliceStack(opening: [folder.path("8.png")]).readSlice(0) == bytes)
    let words = NDArray((0..<60).map { UInt16($0 * 1001) }, [6, 10])
    try PNGWriter.write(words, to: folder.path("16.png"))
    #expect(try SliceStack(opening: [folder.path("16.png")]).readSlice(0) == words)
    let floats = NDArray([Float](repeating: 1, count: 60), [6, 10])
    #expect(sentence { try PNGWriter.write(floats, to: folder.path("f.png")) }?.contains("float32") == true)
  }

  @Test("a colour PNG is written, and refused as a slice")
  func colour() throws {
    let folder = try TemporaryFolder()
    try PNGWriter.write(NDArray([UInt8](0..<60), [4, 5, 3]), to: folder.path("c.png"))
    #expect(
      sentence { _ = try SliceStack(opening: [folder.path("c.png")]) }?.contains("colour image") == true)
  }

  @Test("an NPY file has NumPy's header and the elements in C order")
  func npy() throws {
    let folder = try TemporaryFolder()
    try NPYWriter.write(NDArray([Float](stride(from: 0, to: 6, by: 1)), [2, 3]), to: folder.path("a.npy"))
    let file = try NPYFile(path: folder.path("a.npy"))
    #expect(file.type == "<f4" && file.shape == [2, 3] && file.floats == [0, 1, 2, 3, 4, 5])
    let size = try Data(contentsOf: URL(fileURLWithPath: folder.path("a.npy"))).count
    #expect((size - 24) % 64 == 0)
  }

  @Test("a folder that is not there is an error and leaves nothing")
  func noFolder() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("no/such.png")
    #expect(sentence { try PNGWriter.write(NDArray(.uint8, [2, 2]), to: path) }?.contains(path) == true)
    #expect(throws: ImageFileError.self) {
      try TIFFWriter(folder.path("no/s.tif"), extent: [1, 2, 2], dataType: .uint8, voxelSize: nil)
    }
    #expect(throws: ImageFileError.self) {
      try NPYWriter(folder.path("no/s.npy"), extent: [1], dataType: .uint8)
    }
  }
}

extension NDArray {
  /// The values of a `float64` array in another type.
  func converted(to type: DataType) -> NDArray {
    func convert<Target: ArrayElement>(_: Target.Type) -> NDArray {
      NDArray(elements(as: Double.self).map { Target(nearest: $0) }, extent)
    }
    return convert(type.elementType)
  }
}
