// SPDX-License-Identifier: Apache-2.0

import Arrays

extension ArrayMetadata {
  /// The document `zarr.json`.
  public var json: JSONValue {
    var members: JSONObject = [
      "zarr_format": 3,
      "node_type": "array",
      "shape": JSONValue(shape.sizes),
      "data_type": .string(dataType.rawValue),
      "chunk_grid": ["name": "regular", "configuration": ["chunk_shape": JSONValue(chunkShape.sizes)]],
      "chunk_key_encoding": [
        "name": .string(keyEncoding.name.rawValue),
        "configuration": ["separator": .string(keyEncoding.separator)],
      ],
      "fill_value": fillValue.json(dataType),
      "codecs": .array(codecs.map { $0.json(dataType) }),
      "attributes": .object(attributes),
    ]
    if let dimensionNames {
      members["dimension_names"] = .array(dimensionNames.map { $0.map(JSONValue.string) ?? .null })
    }
    return .object(members)
  }

  /// Reads the document `zarr.json`.
  ///
  /// - Parameter key: What the document is called in errors.
  /// - Throws: ``ZarrError/invalidMetadata(key:reason:)``, or ``ZarrError/unsupported(key:what:)`` by
  ///   name for what this module cannot read.
  public init(json: JSONValue, key: String) throws(ZarrError) {
    guard let members = json.object else {
      throw .invalidMetadata(key: key, reason: "the document is no object")
    }
    let reader = MetadataReader(members, of: "the array", key: key)
    try reader.expectNode("array")
    try reader.allow(
      "zarr_format", "node_type", "shape", "data_type", "chunk_grid", "chunk_key_encoding", "fill_value",
      "codecs", "attributes", "dimension_names", "storage_transformers")
    try Self.refuseTransformers(reader)
    guard let shape = try reader.required("shape").ints, Extent.isPossible(shape) else {
      throw reader.invalid(
        "shape is no list of whole numbers, none negative, or names more elements than any array has")
    }
    let dataType = try Self.dataType(reader)
    let chunkShape = try Self.chunkShape(reader, rank: shape.count)
    let fill = try reader.required("fill_value")
    guard let fillValue = FillValue(json: fill, type: dataType) else {
      throw reader.invalid("the fill_value \(fill) is no \(dataType)")
    }
    self.init(
      shape: Extent(shape), dataType: dataType, chunkShape: Extent(chunkShape),
      keyEncoding: try Self.keyEncoding(reader), fillValue: fillValue,
      codecs: try Codec.chain(try reader.required("codecs"), rank: shape.count, reader),
      dimensionNames: try Self.dimensionNames(reader, rank: shape.count),
      attributes: try reader.attributes())
  }

  private static func refuseTransformers(_ reader: MetadataReader) throws(ZarrError) {
    guard let json = reader.members["storage_transformers"] else { return }
    guard let transformers = json.array else { throw reader.invalid("storage_transformers is no list") }
    for transformer in transformers where transformer["must_understand"] != .bool(false) {
      let name = try reader.named(transformer, "a storage transformer").0
      throw .unsupported(key: reader.key, what: "the storage transformer '\(name)'")
    }
  }

  private static func dataType(_ reader: MetadataReader) throws(ZarrError) -> DataType {
    let (name, configuration) = try reader.understood("data_type")
    guard let type = DataType(rawValue: name), configuration.isEmpty else {
      throw .unsupported(key: reader.key, what: "the data type '\(name)'")
    }
    return type
  }

  private static func chunkShape(_ reader: MetadataReader, rank: Int) throws(ZarrError) -> [Int] {
    let (name, configuration) = try reader.understood("chunk_grid")
    guard name == "regular" else { throw .unsupported(key: reader.key, what: "the chunk grid '\(name)'") }
    try MetadataReader(configuration, of: "chunk_grid", key: reader.key).allow("chunk_shape")
    guard let shape = configuration["chunk_shape"]?.ints, shape.count == rank,
      shape.allSatisfy({ $0 > 0 }), Extent.isPossible(shape)
    else { throw reader.invalid("chunk_shape is no list of \(rank) positive whole numbers") }
    return shape
  }

  private static func keyEncoding(_ reader: MetadataReader) throws(ZarrError) -> ChunkKeyEncoding {
    let (name, configuration) = try reader.understood("chunk_key_encoding")
    guard let name = ChunkKeyEncoding.Name(rawValue: name) else {
      throw .unsupported(key: reader.key, what: "the chunk key encoding '\(name)'")
    }
    try MetadataReader(configuration, of: "chunk_key_encoding", key: reader.key).allow("separator")
    guard let separator = configuration["separator"] else { return ChunkKeyEncoding(name) }
    guard let text = separator.string, text == "/" || text == "." else {
      throw reader.invalid("the separator \(separator) is neither '/' nor '.'")
    }
    return ChunkKeyEncoding(name, separator: text)
  }

  private static func dimensionNames(
    _ reader: MetadataReader, rank: Int
  ) throws(ZarrError) -> [String?]? {
    guard let json = reader.members["dimension_names"] else { return nil }
    guard let names = json.array, names.count == rank,
      names.allSatisfy({ $0 == .null || $0.string != nil })
    else { throw reader.invalid("dimension_names is no list of \(rank) names or nulls") }
    return names.map(\.string)
  }
}

extension MetadataReader {
  /// Checks `zarr_format` and `node_type`.
  func expectNode(_ type: String) throws(ZarrError) {
    let format = try required("zarr_format")
    guard format.int == 3 else { throw .unsupported(key: key, what: "zarr_format \(format)") }
    let node = try required("node_type")
    guard node.string == type else { throw invalid("node_type is \(node), not \(type)") }
  }

  /// The attributes; an object without members where there are none.
  func attributes() throws(ZarrError) -> JSONObject {
    guard let json = members["attributes"] else { return [:] }
    guard let attributes = json.object else { throw invalid("attributes is no object") }
    return attributes
  }
}
