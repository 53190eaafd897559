// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// What `zarr.json` says of an array (Zarr core specification 3.1, section "Array metadata").
public struct ArrayMetadata: Hashable, Sendable {
  /// How many elements there are along each axis.
  public let shape: Extent
  /// The type of an element.
  public let dataType: DataType
  /// The shape of a stored object: of a shard where the array is sharded.
  public let chunkShape: Extent
  /// How stored objects are named.
  public let keyEncoding: ChunkKeyEncoding
  /// What absent elements read as.
  public let fillValue: FillValue
  /// The chain from elements to a stored object.
  public let codecs: [Codec]
  /// One name an axis, `nil` for an axis without one; `nil` altogether if no axis has a name.
  public let dimensionNames: [String?]?
  /// Whatever the array's owner wants to say of it.
  public var attributes: JSONObject

  /// An array of any layout, checked when it is created or opened.
  public init(
    shape: Extent, dataType: DataType, chunkShape: Extent, keyEncoding: ChunkKeyEncoding = .init(),
    fillValue: FillValue = .zero, codecs: [Codec], dimensionNames: [String?]? = nil,
    attributes: JSONObject = [:]
  ) {
    self.shape = shape
    self.dataType = dataType
    self.chunkShape = chunkShape
    self.keyEncoding = keyEncoding
    self.fillValue = fillValue
    self.codecs = codecs
    self.dimensionNames = dimensionNames
    self.attributes = attributes
  }

  /// An array of shards whose inner chunks are compressed by Zstandard.
  ///
  /// - Parameters:
  ///   - chunk: The shape of an inner chunk.
  ///   - shard: The shape of a stored object, a multiple of `chunk` along each axis.
  ///   - checksum: Whether each inner chunk ends in a CRC-32C, so that any reader notices damage.
  public static func sharded(
    shape: Extent, dataType: DataType, chunk: Extent, shard: Extent,
    dimensionNames: [String]? = ["z", "y", "x"], fillValue: FillValue = .zero, zstdLevel: Int = 1,
    checksum: Bool = true, attributes: JSONObject = [:]
  ) -> ArrayMetadata {
    let inner = plainCodecs(dataType, zstdLevel) + (checksum ? [.crc32c] : [])
    return ArrayMetadata(
      shape: shape, dataType: dataType, chunkShape: shard, fillValue: fillValue,
      codecs: [.sharding(.init(chunkShape: chunk.sizes, codecs: inner))],
      dimensionNames: dimensionNames, attributes: attributes)
  }

  /// An array whose chunks are stored one by one, compressed by Zstandard.
  public static func chunked(
    shape: Extent, dataType: DataType, chunk: Extent, dimensionNames: [String]? = ["z", "y", "x"],
    fillValue: FillValue = .zero, zstdLevel: Int = 1, attributes: JSONObject = [:]
  ) -> ArrayMetadata {
    ArrayMetadata(
      shape: shape, dataType: dataType, chunkShape: chunk, fillValue: fillValue,
      codecs: plainCodecs(dataType, zstdLevel), dimensionNames: dimensionNames, attributes: attributes)
  }

  private static func plainCodecs(_ type: DataType, _ level: Int) -> [Codec] {
    [.bytes(type.byteCount > 1 ? .little : nil), .zstd(level: level, checksum: false)]
  }
}
