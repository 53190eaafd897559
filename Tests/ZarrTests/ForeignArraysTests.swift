// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import TestData
import Testing
import Zarr

@Suite("Arrays of other programs")
struct ForeignArraysTests {
  /// The lines of the list of odd files that name Zarr arrays: path, type and sum.
  static let listed: [(path: String, type: String, sum: Double?)] = {
    guard let text = try? String(contentsOf: SharedData.url("data/odd-files/EXPECTED.tsv"), encoding: .utf8)
    else { return [] }
    return text.split(separator: "\n").filter { $0.hasPrefix("zarr/") }.map { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return (fields[0], fields[3], Double(fields[6]))
    }
  }()

  @Test(
    "each listed array of numbers has the sum that zarr-python gives, those of text are refused by their type",
    .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
  func sums() throws {
    #expect(Self.listed.count == 40)
    for (path, type, sum) in Self.listed {
      let store = LocalStore(path: SharedData.url("data/odd-files/\(path)").path)
      guard let sum else {
        let error = #expect(throws: ZarrError.self, "\(path)") { try ZarrArray(opening: "", in: store) }
        guard case .unsupported(_, let what) = error, what.contains("data type") else {
          Issue.record("\(path): \(String(describing: error))")
          continue
        }
        continue
      }
      let array = try ZarrArray(opening: "", in: store)
      let found = total(try array.read(Box(array.shape)))
      #expect(abs(found - sum) <= 1e-6 * max(1, abs(sum)), "\(path) \(type)")
    }
  }

  private func total(_ array: NDArray) -> Double {
    func sum<Element: ArrayElement>(_ type: Element.Type) -> Double {
      array.elements(as: type).reduce(0) { $0 + $1.doubleValue }
    }
    return sum(array.dataType.elementType)
  }

  @Test("an array of Zarr v2 in Fortran order reads with its attributes and is not written to")
  func fortranOrder() throws {
    let document = """
      {"zarr_format": 2, "shape": [2, 3], "chunks": [2, 2], "dtype": ">i2", "compressor": null,
       "fill_value": null, "order": "F", "filters": null, "dimension_separator": "/"}
      """
    // Column by column: 1, 4, then 2, 5; the other chunk is not there.
    let store = try store([
      "a/.zarray": Array(document.utf8), "a/.zattrs": Array("{\"b\": 1}".utf8),
      "a/0/0": bytes("0001000400020005"), ".zgroup": Array("{\"zarr_format\": 2}".utf8),
      ".zattrs": Array("{\"multiscales\": []}".utf8),
    ])
    let array = try ZarrArray(opening: "a", in: store)
    #expect(array.format == 2 && array.metadata.attributes == ["b": 1])
    #expect(try array.read(Box([2, 3])).elements(as: Int16.self) == [1, 2, 0, 4, 5, 0])
    #expect(throws: ZarrError.readOnly(path: "a")) { try array.write(NDArray(.int16, [2, 3]), at: [0, 0]) }
    #expect(try GroupMetadata(opening: "", in: store).attributes["multiscales"] == [])
  }

  @Test(
    "what v2 allows and is not read is refused by name",
    arguments: [
      ("\"compressor\": null", "\"compressor\": {\"id\": \"bz2\"}", "bz2"),
      ("\"compressor\": null", "\"compressor\": {\"id\": \"lzma\"}", "lzma"),
      ("\"compressor\": null", "\"compressor\": {\"id\": \"blosc\", \"cname\": \"lz5\"}", "lz5"),
      (
        "\"filters\": null", "\"filters\": [{\"id\": \"shuffle\"}, {\"id\": \"fixedscaleoffset\"}]",
        "shuffle, fixedscaleoffset"
      ),
      ("\"filters\": null", "\"filters\": [{\"id\": \"delta\"}]", "delta"),
      ("\"<i2\"", "\"|S7\"", "S7"), ("\"<i2\"", "\"<U7\"", "U7"),
    ])
  func refused(original: String, replacement: String, name: String) throws {
    let document = """
      {"zarr_format": 2, "shape": [4], "chunks": [2], "dtype": "<i2", "compressor": null,
       "fill_value": 0, "order": "C", "filters": null}
      """.replacing(original, with: replacement)
    let store = try store([".zarray": Array(document.utf8)])
    let error = #expect(throws: ZarrError.self) { try ZarrArray(opening: "", in: store) }
    #expect("\(String(describing: error))".contains(name))
  }

  @Test("gzip and zlib chunks read back, of several members too, and torn ones are errors")
  func deflate() throws {
    for codec in [Codec.gzip(level: 5), .zlib(level: 9)] {
      let store = MemoryStore()
      let array = try ZarrArray.create(
        ArrayMetadata(
          shape: [30, 40], dataType: .uint16, chunkShape: [16, 16], codecs: [.bytes(.little), codec]),
        at: "", in: store)
      let elements = pseudorandom([30, 40], of: UInt16.self)
      try array.write(elements, at: [0, 0])
      #expect(try ZarrArray(opening: "", in: store).read(Box([30, 40])) == elements)
      let chunk = try #require(try store.read([ByteRangeRequest("c/0/0")])[0])
      for length in stride(from: 0, to: chunk.count, by: 7) {
        try store.write(Array(chunk[..<length]), to: "c/0/0")
        #expect(throws: ZarrError.self) { try array.read(Box([30, 40])) }
      }
    }
    // `printf 'ab' | gzip -n` and `printf 'cd' | gzip -n`, one after the other.
    let store = try store([
      "zarr.json": Array(
        document(
          shape: "[4]", type: "uint8", chunk: "[4]", fill: "0",
          codecs: "[\"bytes\", {\"name\": \"gzip\", \"configuration\": {\"level\": 6}}]"
        ).utf8),
      "c/0": bytes(
        "1f8b08000000000000034b4c02006d48839e020000001f8b08000000000000034b4e0100da8fd64502000000"),
    ])
    #expect(
      try ZarrArray(opening: "", in: store).read(Box([4])).elements(as: UInt8.self) == [97, 98, 99, 100])
  }
}
