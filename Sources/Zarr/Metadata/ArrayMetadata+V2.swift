// SPDX-License-Identifier: Apache-2.0

import Arrays

extension ArrayMetadata {
  /// Reads the documents `.zarray` and `.zattrs` of Zarr v2 as what v3 would say.
  ///
  /// Members that v2 does not know are passed over, as its specification says.
  ///
  /// - Parameter key: What `.zarray` is called in errors.
  /// - Throws: ``ZarrError/invalidMetadata(key:reason:)``, or ``ZarrError/unsupported(key:what:)`` by
  ///   name for types, filters and compressors that this module cannot read.
  init(v2 json: JSONValue, attributes: JSONObject, key: String) throws(ZarrError) {
    guard let members = json.object else {
      throw .invalidMetadata(key: key, reason: "the document is no object")
    }
    let reader = MetadataReader(members, of: "the array", key: key)
    guard try reader.required("zarr_format").int == 2 else { throw reader.invalid("zarr_format is not 2") }
    guard let shape = try reader.required("shape").ints, Extent.isPossible(shape) else {
      throw reader.invalid(
        "shape is no list of whole numbers, none negative, or names more elements than any array has")
    }
    guard let chunks = try reader.required("chunks").ints, chunks.count == shape.count,
      chunks.allSatisfy({ $0 > 0 }), Extent.isPossible(chunks)
    else { throw reader.invalid("chunks is no list of \(shape.count) positive whole numbers") }
    let (dataType, byteOrder) = try Self.type(reader)
    let separator = members["dimension_separator"] ?? "."
    guard let separator = separator.string, separator == "." || separator == "/" else {
      throw reader.invalid("the dimension_separator \(separator) is neither '.' nor '/'")
    }
    var codecs: [Codec] = [.bytes(byteOrder)]
    switch try reader.required("order").string {
    case "C": break
    // Stored with the first axis fastest.
    case "F": codecs.insert(.transpose(order: Array(shape.indices.reversed())), at: 0)
    default: throw reader.invalid("order is neither C nor F")
    }
    if let filters = members["filters"], filters != .null, filters != [] {
      let names = (filters.array ?? []).compactMap { $0["id"]?.string }.joined(separator: ", ")
      throw .unsupported(key: key, what: "the filters \(names)")
    }
    if let compressor = try Self.compressor(reader, dataType) { codecs.append(compressor) }
    self.init(
      shape: Extent(shape), dataType: dataType, chunkShape: Extent(chunks),
      keyEncoding: ChunkKeyEncoding(.v2, separator: separator),
      fillValue: try Self.fillValue(reader, dataType), codecs: codecs, attributes: attributes)
  }

  /// NumPy's name of a type, as in `<u2`: byte order, kind, bytes.
  private static func type(_ reader: MetadataReader) throws(ZarrError) -> (DataType, Codec.ByteOrder?) {
    let json = try reader.required("dtype")
    let types: [String: DataType] = [
      "b1": .bool, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8, "u2": .uint16,
      "u4": .uint32, "u8": .uint64, "f2": .float16, "f4": .float32, "f8": .float64,
    ]
    guard let name = json.string, let type = types[String(name.dropFirst())] else {
      throw .unsupported(key: reader.key, what: "the data type \(json)")
    }
    switch name.first {
    case "<": return (type, .little)
    case ">": return (type, .big)
    case "|" where type.byteCount == 1: return (type, nil)
    default: throw reader.invalid("the data type \(name) has no byte order")
    }
  }

  private static func compressor(
    _ reader: MetadataReader, _ type: DataType
  ) throws(ZarrError) -> Codec? {
    let json = try reader.required("compressor")
    if json == .null { return nil }
    guard let name = json["id"]?.string else { throw reader.invalid("the compressor has no id") }
    let members = MetadataReader(json.object ?? [:], of: "the compressor '\(name)'", key: reader.key)
    let level = json["level"]?.int ?? 1
    switch name {
    case "zstd": return .zstd(level: min(max(level, -131_072), 22), checksum: false)
    case "gzip": return .gzip(level: min(max(level, -1), 9))
    case "zlib": return .zlib(level: min(max(level, -1), 9))
    case "blosc": return .blosc(try Codec.Blosc(v2: members, type))
    case "lz4": return .lz4(acceleration: try members.acceleration())
    default: throw .unsupported(key: reader.key, what: "the compressor '\(name)'")
    }
  }

  /// `null`, which leaves absent elements undefined, reads as zero; truth values may be numbers.
  private static func fillValue(_ reader: MetadataReader, _ type: DataType) throws(ZarrError) -> FillValue {
    let json = try reader.required("fill_value")
    if json == .null { return .zero }
    if type == .bool, let number = json.int, number == 0 || number == 1 {
      return FillValue(bits: UInt64(number))
    }
    guard let value = FillValue(json: json, type: type) else {
      throw reader.invalid("the fill_value \(json) is no \(type)")
    }
    return value
  }
}
