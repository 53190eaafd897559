// SPDX-License-Identifier: Apache-2.0

import Arrays
import Zarr

/// A small hierarchy that is as it should be, to be damaged.
struct FuzzCase {
  /// The documents of groups and arrays, the root's first.
  let documents: [String]
  /// The stored chunks or shards.
  let chunks: [String]
  let objects: [String: [UInt8]]
  /// Whether the root is a group.
  let isGroup: Bool

  /// Arrays of many layouts, in v3 and v2, and groups, some of them with arrays inside.
  static func all() throws -> [FuzzCase] {
    try layouts.map(array) + layoutsOfOld.map(oldArray) + groups.map(group) + images()
  }

  static let shape: Extent = [5, 9]

  private static var layouts: [ArrayMetadata] {
    func chain(_ codecs: [Codec], chunk: Extent = [4, 4], type: DataType = .uint16) -> ArrayMetadata {
      ArrayMetadata(
        shape: shape, dataType: type, chunkShape: chunk, codecs: codecs, dimensionNames: ["y", nil],
        attributes: ["note": "µ"])
    }
    func shard(_ codecs: [Codec], _ index: [Codec], _ location: Codec.Sharding.IndexLocation = .end) -> Codec
    {
      .sharding(.init(chunkShape: [2, 2], codecs: codecs, indexCodecs: index, indexLocation: location))
    }
    let plain: Codec = .bytes(.little)
    let zstd: Codec = .zstd(level: 1, checksum: false)
    let compressors: [Codec] =
      [zstd, .zstd(level: 1, checksum: true), .gzip(level: 1), .zlib(level: 1), .lz4(acceleration: 1)]
      + Codec.Blosc.Compressor.allCases.enumerated().map { number, compressor in
        .blosc(.init(compressor, level: 5, shuffle: Codec.Blosc.Shuffle.allCases[number % 3]))
      }
    return compressors.map { chain([plain, $0]) } + [
      chain([plain]), chain([.bytes(.big), .crc32c]),
      chain([.transpose(order: [1, 0]), plain, .fletcher32]),
      chain([plain, zstd, .gzip(level: 1), .crc32c]),
      chain([.bytes(nil)], type: .bool), chain([plain, zstd], type: .float16),
      chain([plain, zstd], type: .float64), chain([.bytes(.big)], type: .int64),
      // Without a checksum every wrong number of an index reaches the reader.
      chain([shard([plain, zstd], [plain])]), chain([shard([plain], [plain])]),
      chain([shard([plain, zstd], [.bytes(.big)], .start)]),
      chain([shard([plain, .blosc(.init())], [.transpose(order: [2, 1, 0]), plain])]),
      chain([shard([plain, zstd, .crc32c], [plain, .crc32c])]),
      chain([shard([plain], [plain]), zstd]),
      chain([.transpose(order: [1, 0]), shard([.transpose(order: [1, 0]), plain, zstd], [plain])]),
      chain(
        [
          .sharding(
            .init(chunkShape: [4, 4], codecs: [shard([plain, zstd], [plain], .start)], indexCodecs: [plain]))
        ], chunk: [8, 8]),
    ]
  }

  private static func array(_ metadata: ArrayMetadata) throws -> FuzzCase {
    let store = MemoryStore()
    let array = try ZarrArray.create(metadata, at: "", in: store)
    try array.write(elements(metadata.dataType), at: [0, 0])
    return try FuzzCase(of: store)
  }

  /// What a v2 array says beside its chunks, which are made as those of v3.
  private static let layoutsOfOld: [(members: String, codecs: [Codec])] = [
    (#""compressor": null, "order": "C", "dtype": "<u2""#, [.bytes(.little)]),
    (#""compressor": null, "order": "F", "dtype": ">u2""#, [.transpose(order: [1, 0]), .bytes(.big)]),
    (
      #""compressor": {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1}, "order": "C", "dtype": "<u2""#,
      [.bytes(.little), .blosc(.init())]
    ),
    (
      #""compressor": {"id": "zlib", "level": 1}, "order": "C", "dtype": "<u2""#,
      [.bytes(.little), .zlib(level: 1)]
    ),
  ]

  private static func oldArray(_ members: String, _ codecs: [Codec]) throws -> FuzzCase {
    let store = MemoryStore()
    try writeOldArray(members, codecs, at: "", in: store)
    return try FuzzCase(of: store)
  }

  static func writeOldArray(
    _ members: String, _ codecs: [Codec], at path: String, in store: MemoryStore
  ) throws {
    let array = try ZarrArray.create(
      ArrayMetadata(
        shape: shape, dataType: .uint16, chunkShape: [4, 4], keyEncoding: .init(.v2), codecs: codecs),
      at: path, in: store)
    try array.write(elements(.uint16), at: [0, 0])
    let folder = path.isEmpty ? "" : "\(path)/"
    try store.erase("\(folder)zarr.json")
    try store.write(
      Array(
        #"""
        {"zarr_format": 2, "shape": [5, 9], "chunks": [4, 4], "fill_value": null, "filters": null,
         "dimension_separator": ".", \#(members)}
        """#.utf8), to: "\(folder).zarray")
  }

  private static let groups: [GroupMetadata] = [
    GroupMetadata(attributes: ["a": [1, 2.5, "b", nil, ["c": true]]]),
    GroupMetadata(attributes: ["ome": ["version": "0.5", "multiscales": multiscales]]),
  ]

  private static func group(_ metadata: GroupMetadata) throws -> FuzzCase {
    let store = MemoryStore()
    try metadata.write(at: "", in: store)
    return try FuzzCase(of: store)
  }

  init(of store: MemoryStore) throws {
    let keys = try store.list("")
    let names = ["zarr.json", ".zarray", ".zgroup", ".zattrs", ".zmetadata"]
    func depth(_ key: String) -> Int { key.count { $0 == "/" } }
    let found = keys.filter { key in names.contains { key == $0 || key.hasSuffix("/\($0)") } }
    documents = found.sorted { (depth($0), $0) < (depth($1), $1) }
    chunks = keys.filter { !found.contains($0) }
    objects = try Dictionary(uniqueKeysWithValues: keys.map { ($0, try store.read([.init($0)])[0] ?? []) })
    isGroup = (try? GroupMetadata(opening: "", in: store)) != nil
  }

  /// Numbers with runs, so that compressors find something, and with zeros over one chunk.
  static func elements(_ type: DataType) -> NDArray {
    func make<Element: ArrayElement>(_ element: Element.Type) -> NDArray {
      var array = NDArray(type, shape)
      array.withMutableSpan(of: element) { span in
        for index in span.indices where index % 9 > 3 || index > 27 {
          span[index] = Element(nearest: type == .bool ? Double(index % 2) : Double(index * index / 7 % 120))
        }
      }
      return array
    }
    return make(type.elementType)
  }
}
