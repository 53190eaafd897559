// SPDX-License-Identifier: Apache-2.0

import Arrays

/// A codec chain made ready for chunks of one shape and type.
struct ChunkCodec: Sendable {
  /// How an array becomes bytes.
  enum Serialization: Sendable {
    /// Elements in C order; `swapped` where the byte order is not this machine's.
    case elements(swapped: Bool)
    case shard(ShardCodec)
  }

  /// How bytes become other bytes.
  enum Stage: Sendable {
    case zstd(level: Int, checksum: Bool)
    case deflate(level: Int, gzip: Bool)
    case blosc(Codec.Blosc)
    case lz4(acceleration: Int)
    case crc32c
    case fletcher32

    /// Whether the bytes stay as they are, four more following them.
    var isChecksum: Bool {
      switch self {
      case .crc32c, .fletcher32: true
      case .zstd, .deflate, .blosc, .lz4: false
      }
    }
  }

  /// The shape of a chunk as the array has it.
  let decodedShape: Extent
  /// Which axis of the array each serialized axis is; `nil` if they are the same.
  let order: [Int]?
  /// The shape that is serialized.
  let shape: Extent
  let dataType: DataType
  let fillValue: FillValue
  /// The bytes of a decoded chunk.
  let byteCount: Int
  let serialization: Serialization
  /// In the order of encoding.
  let stages: [Stage]
  /// How many bytes go into each stage and come out of the last, where that does not depend on them.
  let sizes: [Int?]

  /// - Parameter place: The key of the metadata, for errors.
  init(
    _ codecs: [Codec], shape decodedShape: Extent, dataType: DataType, fillValue: FillValue, place: String
  ) throws(ZarrError) {
    guard let count = Extent.checkedCount(of: decodedShape.sizes + [dataType.byteCount]), count > 0,
      count <= Self.maximumByteCount
    else { throw .unsupported(key: place, what: "a chunk of \(decodedShape) elements of \(dataType)") }
    self.decodedShape = decodedShape
    self.dataType = dataType
    self.fillValue = fillValue
    byteCount = count

    var rest = codecs[...]
    var order: [Int]?
    while case .transpose(let next)? = rest.first {
      guard next.count == decodedShape.rank else {
        throw .invalidMetadata(
          key: place, reason: "the codec 'transpose' has not one axis for each of the array")
      }
      order = next.map { axis in order.map { $0[axis] } ?? axis }
      rest.removeFirst()
    }
    self.order = order
    let shape = Extent(order.map { $0.map { decodedShape[$0] } } ?? decodedShape.sizes)
    self.shape = shape

    switch rest.popFirst() {
    case .bytes(let byteOrder):
      guard byteOrder != nil || dataType.byteCount == 1 else {
        throw .invalidMetadata(key: place, reason: "the codec 'bytes' has no endian, which \(dataType) needs")
      }
      serialization = .elements(swapped: byteOrder == .big && dataType.byteCount > 1)
    case .sharding(let sharding):
      serialization = .shard(
        try ShardCodec(sharding, shape: shape, dataType: dataType, fillValue: fillValue, place: place))
    default:
      throw .invalidMetadata(key: place, reason: "no codec turns the array into bytes where one must")
    }
    var stages: [Stage] = []
    for codec in rest {
      switch codec {
      case .zstd(let level, let checksum): stages.append(.zstd(level: level, checksum: checksum))
      case .gzip(let level): stages.append(.deflate(level: level, gzip: true))
      case .zlib(let level): stages.append(.deflate(level: level, gzip: false))
      case .blosc(let blosc): stages.append(.blosc(blosc.forElements(of: dataType)))
      case .lz4(let acceleration): stages.append(.lz4(acceleration: acceleration))
      case .crc32c: stages.append(.crc32c)
      case .fletcher32: stages.append(.fletcher32)
      case .transpose, .bytes, .sharding:
        throw .invalidMetadata(key: place, reason: "a codec follows that cannot work on bytes")
      }
    }
    self.stages = stages
    var size: Int? = if case .elements = serialization { count } else { nil }
    sizes =
      [size]
      + stages.map { stage in
        if stage.isChecksum { size = size.map { $0 + 4 } } else { size = nil }
        return size
      }
  }

  /// No chunk is larger: 1 TiB would be no chunk any more.
  static let maximumByteCount = 1 << 40

  /// The size of an encoded chunk, if every one has the same.
  var fixedEncodedByteCount: Int? { sizes.last ?? nil }

  /// More than any sensible encoder makes of a chunk: the limit for what a file may claim.
  var encodedByteLimit: Int { fixedEncodedByteCount ?? 2 * byteCount + (1 << 20) }
}
