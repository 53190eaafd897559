// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import TestData
import Testing
import Zarr

/// Data type × layout × ragged edge × empty chunks, from here to zarr-python, tensorstore and zarrs, and back.
@Suite("Zarr among its peers", .enabled(if: ForeignProgram.python.url != nil, "\(ForeignProgram.absence)"))
struct ZarrPeersTests {
  @Test("every array that zarr-python, zarrs and tensorstore wrote reads as they meant it")
  func reading() throws {
    let folder = try TemporaryFolder()
    let outcome = try ForeignProgram.python.run(
      ForeignProgram.script("zarr_peers.py"), "write", folder.url.path)
    try #require(outcome.exitCode == 0, "\(outcome)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      .filter { !$0.hasSuffix(".raw") }
    // 12 types with 26 layouts of zarr-python and zarrs, 16 of v2 and 20 of tensorstore; 4 of them with 48 of
    // Blosc; 4 corners.
    #expect(names.count == 940)
    let leftOut = """
      24 left out, zarrs: numcodecs (fletcher, lz4)
      24 left out, zarr-python: compressors of Blosc (snappy)

      """
    #expect(outcome.standardOutput == leftOut, "\(outcome)")
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
      for (name, metadata) in PeerLayouts(type).all {
        let array = try ZarrArray.create(metadata, at: "\(type)-\(name)", in: store)
        let elements = Self.elements(type, metadata)
        try array.write(elements, at: [0, 0, 0], threads: 2)
        try store.write(elements.rawBytes, to: "\(type)-\(name).raw")
      }
    }
    let outcome = try ForeignProgram.python.run(
      ForeignProgram.script("zarr_peers.py"), "read", folder.url.path)
    // 12 types with 25 layouts and 4 of them with 54 of Blosc, for 3 readers.
    func layouts(_ chains: [String]) -> String {
      chains.flatMap { [$0, "\($0)-sharded-end", "\($0)-sharded-start"] }.joined(separator: ", ")
    }
    let numcodecs = layouts(["fletcher", "lz4"])
    let snappy = layouts(["bits", "bytes", "none"].map { "blosc-snappy-\($0)" })
    let expected = """
      1344 read, 0 wrong
      72 left out, tensorstore: numcodecs (\(numcodecs))
      36 left out, zarr-python: compressors of Blosc (\(snappy))
      12 left out, zarr-python: turned shards (transposed-outside)
      72 left out, zarrs: numcodecs (\(numcodecs))
      12 left out, zarrs: turned shards (transposed-outside)

      """
    #expect(outcome.exitCode == 0 && outcome.standardOutput == expected, "\(outcome)")
  }

  /// Numbers over the whole range; zeros over a chunk, the fill value over a shard and a chunk of another.
  static func elements(_ type: DataType, _ metadata: ArrayMetadata) -> NDArray {
    func make<Element: ArrayElement>(_ element: Element.Type) -> NDArray {
      var array = NDArray(type, metadata.shape)
      let (height, width) = (metadata.shape[1], metadata.shape[2])
      array.withMutableSpan(of: element) { span in
        var state: UInt64 = 5
        for index in span.indices {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          switch (index / width / height, index / width % height, index % width) {
          case (..<2, ..<8, ..<11): span[index] = .zero
          case (..<4, 8..<13, _), (..<2, ..<8, 11...): span[index] = metadata.fillValue.value()
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
