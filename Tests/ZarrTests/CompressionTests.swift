// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing
import Zarr

@Suite("Compression")
struct CompressionTests {
  static let blosc: [Codec] = Codec.Blosc.Compressor.allCases.flatMap { compressor in
    Codec.Blosc.Shuffle.allCases.map { .blosc(.init(compressor, level: 5, shuffle: $0)) }
  }
  static let all: [Codec] =
    blosc + [
      .blosc(.init(.zstd, level: 0, shuffle: .bits)),
      .blosc(.init(.lz4, level: 9, typeSize: 3, blockSize: 512)),
      .lz4(acceleration: 1), .lz4(acceleration: 100), .fletcher32, .crc32c, .gzip(level: 0), .gzip(level: 9),
      .gzip(level: -1), .zlib(level: 6), .zstd(level: -5, checksum: true), .zstd(level: 22, checksum: false),
    ]

  static func array(_ codecs: [Codec], _ type: DataType = .uint16, in store: MemoryStore) throws -> ZarrArray
  {
    try ZarrArray.create(
      ArrayMetadata(
        shape: [7, 40], dataType: type, chunkShape: [4, 16],
        codecs: [.bytes(type.byteCount > 1 ? .little : nil)] + codecs),
      at: "", in: store)
  }

  @Test("each codec alone, twice and inside another gives back what it got", arguments: all)
  func roundTrip(codec: Codec) throws {
    for codecs in [[codec], [codec, codec], [.fletcher32, codec, .crc32c], [.lz4(acceleration: 1), codec]] {
      let store = MemoryStore()
      let elements = pseudorandom([7, 40], of: UInt16.self)
      try Self.array(codecs, in: store).write(elements, at: [0, 0])
      let array = try ZarrArray(opening: "", in: store)
      #expect(try array.read(Box([7, 40])) == elements)
      let part = Box(origin: [2, 10], extent: [4, 9])
      #expect(try array.read(part) == elements.cropped(to: part))
    }
  }

  @Test("Blosc shuffles elements of every size", arguments: DataType.allCases, Codec.Blosc.Shuffle.allCases)
  func typeSizes(type: DataType, shuffle: Codec.Blosc.Shuffle) throws {
    let store = MemoryStore()
    let array = try Self.array([.blosc(.init(.lz4, shuffle: shuffle))], type, in: store)
    let opened = try ZarrArray(opening: "", in: store)
    #expect(
      opened.metadata.codecs.last == .blosc(.init(.lz4, shuffle: shuffle, typeSize: type.byteCount)),
      "the size that other readers want is written")
    var elements = NDArray(type, [7, 40])
    func fill<Element: ArrayElement>(_ element: Element.Type) {
      elements.withMutableSpan(of: element) { span in
        for index in span.indices { span[index] = Element(nearest: Double(index % 2)) }
      }
    }
    fill(type.elementType)
    try array.write(elements, at: [0, 0])
    #expect(try opened.read(Box([7, 40])) == elements)
  }

  /// Sixteen zeros, ones, twos and threes, as numcodecs 0.16.6 encodes them.
  static let byNumcodecs: [(String, String)] = [
    (
      #"{"name": "blosc", "configuration": {"cname": "blosclz", "clevel": 5, "shuffle": "noshuffle"}}"#,
      "02011002800000008000000035000000140000001d0000002300000000e01303010100e01501010200e01501010300e013010103"
        + "00"
    ),
    (
      #"{"name": "blosc", "configuration": {"cname": "lz4", "clevel": 5, "shuffle": "shuffle", "typesize": 2}}"#,
      "02013102800000008000000035000000140000001d0000001b0001001b0101001b0201001b0301000b3f000f0200195000000000"
        + "00"
    ),
    (
      #"""
      {"name": "blosc",
       "configuration": {"cname": "lz4hc", "clevel": 5, "shuffle": "bitshuffle", "typesize": 2, "blocksize": 0}}
      """#,
      "0201340280000000800000002f0000001400000017000000420000ffff04000006000208000f010054500000000000"
    ),
    (
      #"{"name": "blosc", "configuration": {"cname": "zlib", "clevel": 5, "shuffle": "shuffle", "typesize": 2}}"#,
      "0201710280000000800000002e0000001400000016000000785e636040058c6880090d30a301060a01001fb00061"
    ),
    (
      #"{"name": "blosc", "configuration": {"cname": "zstd", "clevel": 5, "shuffle": "bitshuffle"}}"#,
      "02019402800000008000000032000000140000001a00000028b52ffd20808d0000200000ffff04000997600521c582074704"
    ),
    (#"{"name": "numcodecs.lz4"}"#, "800000001f0001000c1f0102000c1f0202000c1f03020007500003000300"),
    (
      #"{"name": "numcodecs.fletcher32"}"#,
      (0..<4).map { String(repeating: "0\($0)00", count: 16) }.joined() + "00600730"
    ),
  ]

  @Test("what numcodecs encoded reads", arguments: byNumcodecs)
  func numcodecs(codec: String, chunk: String) throws {
    let text = document(
      shape: "[64]", type: "uint16", chunk: "[64]", fill: "9",
      codecs: #"[{"name": "bytes", "configuration": {"endian": "little"}}, \#(codec)]"#)
    let store = try store(["zarr.json": Array(text.utf8), "c/0": bytes(chunk)])
    let array = try ZarrArray(opening: "", in: store)
    #expect(try array.read(Box([64])).elements(as: UInt16.self) == (0..<64).map { UInt16($0 / 16) })
  }

  @Test(
    "Fletcher's sum takes the last of an odd number of bytes for a high one, as numcodecs does",
    arguments: [("0001020304", "04060908"), ("6162636465666768", "9591ebe1")])
  func fletcher(content: String, sum: String) throws {
    let content = bytes(content)
    let text = document(
      shape: "[\(content.count)]", type: "uint8", chunk: "[\(content.count)]", fill: "0",
      codecs: #"["bytes", "numcodecs.fletcher32"]"#)
    let store = try store(["zarr.json": Array(text.utf8), "c/0": content + bytes(sum)])
    let array = try ZarrArray(opening: "", in: store)
    #expect(try array.read(Box(array.shape)).elements(as: UInt8.self) == content)
    // Thousands of bytes of 255 leave 65535, not 0, in both sums.
    let long = NDArray([UInt8](repeating: 255, count: 2000), [2000])
    let own = MemoryStore()
    try ZarrArray.create(
      ArrayMetadata(
        shape: [2000], dataType: .uint8, chunkShape: [2000], codecs: [.bytes(nil), .fletcher32]),
      at: "", in: own
    ).write(long, at: [0])
    #expect(try own.read([ByteRangeRequest("c/0")])[0]?.suffix(4) == [255, 255, 255, 255])
  }

  @Test(
    "a chunk cut short, lengthened or with other bits is an error or other voxels, never a trap",
    arguments: all)
  func damaged(codec: Codec) throws {
    let store = MemoryStore()
    let array = try Self.array([codec], in: store)
    try array.write(pseudorandom([7, 40], of: UInt16.self), at: [0, 0])
    let chunk = try #require(try store.read([ByteRangeRequest("c/0/0")])[0])
    for length in 0..<chunk.count {
      try store.write(Array(chunk[..<length]), to: "c/0/0")
      #expect(throws: ZarrError.self, "\(length) bytes") { try array.read(Box([7, 40])) }
    }
    try store.write(chunk + [0], to: "c/0/0")
    #expect(throws: ZarrError.self) { try array.read(Box([7, 40])) }
    for bit in 0..<(8 * chunk.count) {
      var damaged = chunk
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      try store.write(damaged, to: "c/0/0")
      _ = try? array.read(Box([7, 40]))
    }
  }
}
