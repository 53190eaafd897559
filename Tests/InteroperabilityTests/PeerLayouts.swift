// SPDX-License-Identifier: Apache-2.0

import Arrays
import Zarr

/// Arrays of one data type: chains of codecs × chunks or shards × a ragged edge or none.
struct PeerLayouts {
  static let ragged: Extent = [5, 13, 21]
  static let even: Extent = [4, 16, 22]
  static let chunk: Extent = [2, 8, 11]
  static let shard: Extent = [4, 8, 22]

  let type: DataType
  private let plain: Codec

  init(_ type: DataType) {
    self.type = type
    plain = .bytes(type.byteCount > 1 ? .little : nil)
  }

  var all: [(name: String, metadata: ArrayMetadata)] {
    let keys = [ChunkKeyEncoding.Name.default, .v2].flatMap { name in
      ["/", "."].map { ChunkKeyEncoding(name, separator: $0) }
    }
    var layouts = special
    for (number, (name, codecs)) in chains.enumerated() {
      layouts.append((name, array(Self.ragged, Self.chunk, codecs, keys[number % keys.count])))
      for (shape, location) in [(Self.ragged, Codec.Sharding.IndexLocation.end), (Self.even, .start)] {
        let shards = Codec.sharding(
          .init(chunkShape: Self.chunk.sizes, codecs: codecs, indexLocation: location))
        layouts.append(("\(name)-sharded-\(location)", array(shape, Self.shard, [shards])))
      }
    }
    return layouts
  }

  private var chains: [(name: String, codecs: [Codec])] {
    let zstd: Codec = .zstd(level: 5, checksum: true)
    var chains: [(String, [Codec])] = [
      ("raw", [plain]), ("zstd", [plain, .zstd(level: 1, checksum: false)]),
      ("gzip", [plain, .gzip(level: 5)]), ("big", [.bytes(.big), .crc32c, zstd]),
      ("transposed", [.transpose(order: [2, 0, 1]), .transpose(order: [1, 0, 2]), plain, zstd, .crc32c]),
      ("lz4", [.bytes(.big), .lz4(acceleration: 1)]),
      ("fletcher", [plain, .zlib(level: 4), .fletcher32]),
    ]
    // One type of each size will do.
    guard [.uint8, .uint16, .float32, .uint64].contains(type) else { return chains }
    for compressor in Codec.Blosc.Compressor.allCases {
      for shuffle in Codec.Blosc.Shuffle.allCases {
        let blosc = Codec.Blosc(compressor, level: 5, shuffle: shuffle, typeSize: type.byteCount)
        chains.append(("blosc-\(compressor)-\(shuffle)", [plain, .blosc(blosc)]))
      }
    }
    return chains
  }

  /// What a chain does not say.
  private var special: [(name: String, metadata: ArrayMetadata)] {
    let (shape, chunk, shard, fill) = (Self.ragged, Self.chunk, Self.shard, fillValue)
    let zstd: Codec = .zstd(level: 5, checksum: true)
    let inner = Codec.sharding(.init(chunkShape: [2, 4, 11], codecs: [plain, zstd], indexLocation: .start))
    return [
      ("default", .sharded(shape: shape, dataType: type, chunk: chunk, shard: shard, fillValue: fill)),
      ("default-chunked", .chunked(shape: shape, dataType: type, chunk: chunk, fillValue: fill)),
      ("nested", array(shape, shard, [.sharding(.init(chunkShape: [4, 4, 22], codecs: [inner]))])),
      (
        "transposed-outside",
        array(
          shape, shard,
          [.transpose(order: [2, 1, 0]), .sharding(.init(chunkShape: [11, 8, 2], codecs: [plain, zstd]))])
      ),
    ]
  }

  private func array(
    _ shape: Extent, _ chunk: Extent, _ codecs: [Codec], _ key: ChunkKeyEncoding = .init()
  ) -> ArrayMetadata {
    ArrayMetadata(
      shape: shape, dataType: type, chunkShape: chunk, keyEncoding: key, fillValue: fillValue, codecs: codecs,
      dimensionNames: ["z", nil, "x"], attributes: ["note": "µ", "id": .unsigned(.max)])
  }

  /// A value that is not zero, and NaN where there is one.
  private var fillValue: FillValue {
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
}
