// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import TestData
import Testing
import Zarr

/// Data type × layout × ragged edge × empty chunks, from here to zarr-python, tensorstore and zarrs, and back.
@Suite("Zarr among its peers", .enabled(if: ForeignProgram.python.url != nil, "\(ForeignProgram.absence)"))
struct ZarrPeersTests {
  @Test("every array that zarr-python and tensorstore wrote reads as they meant it")
  func reading() throws {
    let folder = try TemporaryFolder()
    let outcome = try ForeignProgram.python.run(
      ForeignProgram.script("zarr_peers.py"), "write", folder.url.path)
    try #require(outcome.exitCode == 0, "\(outcome)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      .filter { !$0.hasSuffix(".raw") }
    // 12 types, 7 layouts of zarr-python and 4 of tensorstore.
    #expect(names.count == 132)
    let store = LocalStore(path: folder.url.path)
    for name in names.sorted() {
      let array = try ZarrArray(opening: name, in: store)
      let elements = try array.read(Box(array.shape), threads: 2)
      #expect(elements.rawBytes == [UInt8](try Data(contentsOf: folder(name + ".raw"))), "\(name)")
    }
  }

  @Test("every array written here reads as it was meant by zarr-python, tensorstore and zarrs")
  func writing() throws {
    let folder = try TemporaryFolder()
    let store = LocalStore(path: folder.url.path)
    for type in DataType.allCases {
      for (name, metadata) in Self.layouts(type) {
        let array = try ZarrArray.create(metadata, at: "\(type)-\(name)", in: store)
        let elements = Self.elements(type, metadata)
        try array.write(elements, at: [0, 0, 0], threads: 2)
        try store.write(elements.rawBytes, to: "\(type)-\(name).raw")
      }
    }
    let outcome = try ForeignProgram.python.run(
      ForeignProgram.script("zarr_peers.py"), "read", folder.url.path)
    // 12 types, 8 layouts, 3 readers.
    #expect(outcome.exitCode == 0 && outcome.standardOutput == "288 read, 0 wrong\n", "\(outcome)")
  }

  static let shape: Extent = [5, 13, 21]
  static let chunk: Extent = [2, 4, 5]
  static let shard: Extent = [4, 8, 10]

  /// A value that is not zero, and NaN where there is one.
  static func fillValue(_ type: DataType) -> FillValue {
    switch type {
    case .bool: FillValue(bits: 1)
    case .float16: FillValue(Float16.nan)
    case .float32: FillValue(-Float.infinity)
    case .float64: FillValue(0.1)
    case .uint64: FillValue(UInt64(1) << 63 + 1)
    case .int64: FillValue(Int64(-1) << 53 - 1)
    default: FillValue(bits: 7)
    }
  }

  static func layouts(_ type: DataType) -> [(String, ArrayMetadata)] {
    let fill = fillValue(type)
    let plain: Codec = .bytes(type.byteCount > 1 ? .little : nil)
    func array(_ chunk: Extent, _ codecs: [Codec], _ key: ChunkKeyEncoding = .init()) -> ArrayMetadata {
      ArrayMetadata(
        shape: shape, dataType: type, chunkShape: chunk, keyEncoding: key, fillValue: fill, codecs: codecs,
        dimensionNames: ["z", nil, "x"], attributes: ["note": "µ", "id": .unsigned(.max)])
    }
    let zstd: Codec = .zstd(level: 5, checksum: true)
    return [
      ("sharded", .sharded(shape: shape, dataType: type, chunk: chunk, shard: shard, fillValue: fill)),
      ("chunked", .chunked(shape: shape, dataType: type, chunk: chunk, fillValue: fill)),
      ("raw", array(chunk, [plain], .init(.v2))),
      ("gzip", array(chunk, [plain, .gzip(level: 5)])),
      ("big", array(chunk, [.bytes(.big), .crc32c, zstd], .init(.default, separator: "."))),
      ("transposed", array(chunk, [.transpose(order: [2, 0, 1]), plain, zstd])),
      (
        "sharded-start",
        array(
          shard,
          [
            .sharding(
              .init(
                chunkShape: chunk.sizes,
                codecs: [.transpose(order: [1, 0, 2]), .bytes(.big), zstd, .crc32c],
                indexLocation: .start))
          ])
      ),
      (
        "nested",
        array(
          shard,
          [
            .sharding(
              .init(
                chunkShape: [4, 4, 10],
                codecs: [.sharding(.init(chunkShape: [2, 2, 5], codecs: [plain, zstd]))]))
          ])
      ),
    ]
  }

  /// Numbers over the whole range; zeros and the fill value over some chunks.
  static func elements(_ type: DataType, _ metadata: ArrayMetadata) -> NDArray {
    func make<Element: ArrayElement>(_ element: Element.Type) -> NDArray {
      var array = NDArray(type, metadata.shape)
      let width = metadata.shape[2]
      array.withMutableSpan(of: element) { span in
        var state: UInt64 = 5
        for index in span.indices {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let row = index / width % metadata.shape[1]
          switch (row, index % width) {
          case (..<4, ..<5): span[index] = .zero
          case (8..., 10..<20): span[index] = metadata.fillValue.value()
          case _ where type == .bool: span[index] = Element(nearest: Double(state >> 63))
          default:
            // Whole numbers keep all their bits, floats stay finite.
            span[index] =
              type.isInteger
              ? FillValue(bits: state).value() : Element(nearest: Double(Int64(bitPattern: state) >> 44) / 64)
          }
        }
      }
      return array
    }
    return make(type.elementType)
  }
}
