// SPDX-License-Identifier: Apache-2.0

import Arrays

extension Codec {
  /// The codec as an entry of `codecs` for elements of a type.
  func json(_ type: DataType) -> JSONValue {
    switch self {
    case .transpose(let order): ["name": "transpose", "configuration": ["order": JSONValue(order)]]
    case .bytes(nil): ["name": "bytes"]
    case .bytes(let order?): ["name": "bytes", "configuration": ["endian": .string(order.rawValue)]]
    // Both members always: tensorstore rejects a missing level, zarr-python bare strings.
    case .zstd(let level, let checksum):
      ["name": "zstd", "configuration": ["level": .integer(level), "checksum": .bool(checksum)]]
    case .gzip(let level): ["name": "gzip", "configuration": ["level": .integer(level)]]
    case .zlib(let level): ["name": "numcodecs.zlib", "configuration": ["level": .integer(level)]]
    case .blosc(let blosc): blosc.forElements(of: type).json
    case .lz4(let acceleration):
      ["name": "numcodecs.lz4", "configuration": ["acceleration": .integer(acceleration)]]
    case .crc32c: ["name": "crc32c"]
    // zarr-python asks for a configuration, be it empty.
    case .fletcher32: ["name": "numcodecs.fletcher32", "configuration": [:]]
    case .sharding(let sharding):
      [
        "name": "sharding_indexed",
        "configuration": [
          "chunk_shape": JSONValue(sharding.chunkShape),
          "codecs": .array(sharding.codecs.map { $0.json(type) }),
          "index_codecs": .array(sharding.indexCodecs.map { $0.json(.uint64) }),
          "index_location": .string(sharding.indexLocation.rawValue),
        ],
      ]
    }
  }

  /// Reads a list of codecs for arrays of as many axes as `rank` says.
  ///
  /// An unknown codec that need not be understood is passed over.
  static func chain(_ json: JSONValue?, rank: Int, _ reader: MetadataReader) throws(ZarrError) -> [Codec] {
    guard let entries = json?.array else { throw reader.invalid("codecs is no list") }
    var codecs: [Codec] = []
    for entry in entries {
      do throws(ZarrError) {
        codecs.append(try Codec(entry, rank: rank, reader))
      } catch {
        if case .unsupported = error, entry["must_understand"] == .bool(false) { continue }
        throw error
      }
    }
    return codecs
  }

  private init(_ json: JSONValue, rank: Int, _ reader: MetadataReader) throws(ZarrError) {
    let (name, configuration) = try reader.named(json, "a codec")
    let members = MetadataReader(configuration, of: "the codec '\(name)'", key: reader.key)
    switch name {
    case "transpose":
      try members.allow("order")
      switch try members.required("order") {
      // As drafts of the specification had it.
      case "C": self = .transpose(order: Array(0..<rank))
      case "F": self = .transpose(order: Array((0..<rank).reversed()))
      case let json:
        guard let order = json.ints, order.sorted() == Array(0..<rank) else {
          throw reader.invalid("the order \(json) of the codec 'transpose' is no permutation of \(rank) axes")
        }
        self = .transpose(order: order)
      }
    case "bytes":
      try members.allow("endian")
      guard let order = configuration["endian"] else {
        self = .bytes(nil)
        return
      }
      guard let order = order.string.flatMap(ByteOrder.init) else {
        throw reader.invalid("the codec 'bytes' has the endian \(order), which is neither little nor big")
      }
      self = .bytes(order)
    case "zstd":
      try members.allow("level", "checksum")
      let level = configuration["level"] ?? 0
      let checksum = configuration["checksum"] ?? false
      guard let level = level.int, (-131_072...22).contains(level), let checksum = checksum.bool else {
        throw reader.invalid("the codec 'zstd' has the level \(level) and the checksum \(checksum)")
      }
      self = .zstd(level: level, checksum: checksum)
    case "gzip", "numcodecs.zlib":
      try members.allow("level")
      let level = configuration["level"] ?? 1
      guard let level = level.int, (-1...9).contains(level) else {
        throw reader.invalid("the codec '\(name)' has the level \(level)")
      }
      self = name == "gzip" ? .gzip(level: level) : .zlib(level: level)
    case "blosc": self = .blosc(try Blosc(members))
    case "numcodecs.lz4": self = .lz4(acceleration: try members.acceleration())
    case "crc32c":
      try members.allow()
      self = .crc32c
    case "numcodecs.fletcher32":
      try members.allow()
      self = .fletcher32
    case "sharding_indexed":
      try members.allow("chunk_shape", "codecs", "index_codecs", "index_location")
      guard let shape = configuration["chunk_shape"]?.ints, Extent.isPossible(shape) else {
        throw reader.invalid("the codec 'sharding_indexed' has no list of whole numbers as chunk_shape")
      }
      let location = configuration["index_location"] ?? "end"
      guard let location = location.string.flatMap(Sharding.IndexLocation.init) else {
        throw reader.invalid("the index_location \(location) is neither start nor end")
      }
      self = .sharding(
        Sharding(
          chunkShape: shape, codecs: try Self.chain(configuration["codecs"], rank: rank, reader),
          indexCodecs: try Self.chain(configuration["index_codecs"], rank: rank + 1, reader),
          indexLocation: location))
    default:
      throw .unsupported(key: reader.key, what: "the codec '\(name)'")
    }
  }
}

extension MetadataReader {
  /// LZ4's trade of size for speed; 1 where nothing is said.
  func acceleration() throws(ZarrError) -> Int {
    try allow("id", "acceleration")
    let value = members["acceleration"] ?? 1
    guard let acceleration = value.int, (0...65_537).contains(acceleration) else {
      throw invalid("the codec 'lz4' has the acceleration \(value)")
    }
    return acceleration
  }
}
