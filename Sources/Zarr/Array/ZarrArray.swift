// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// An array in a store: its metadata, and what reading and writing it needs.
///
/// A value that may be used from many threads; copies share the cache of shard indices.
///
/// ```swift
/// let store = LocalStore(path: "volume.zarr")
/// let array = try ZarrArray.create(
///   .sharded(shape: [100, 2000, 3000], dataType: .uint8, chunk: [64, 64, 64], shard: [64, 512, 512]),
///   at: "0", in: store)
/// try array.write(slab, at: [0, 0, 0], threads: 2)
/// let cutout = try array.read(Box(origin: [10, 500, 500], extent: [96, 96, 96]))
/// ```
public struct ZarrArray: Sendable {
  /// The path in the store; empty for an array at its root.
  public let path: String
  /// Where the array lies.
  public let store: any ReadableStore
  /// What `zarr.json` said when the array was opened.
  public let metadata: ArrayMetadata
  /// The grid of stored objects: of shards, or of chunks where the array is not sharded.
  public let grid: ChunkGrid
  /// The grid of inner chunks, the smallest parts that can be read alone.
  public let innerGrid: ChunkGrid

  /// The version of the format: 3, or 2 for an array that can only be read.
  public let format: Int

  let codec: ChunkCodec
  let indexCache: ShardIndexCache

  /// Opens the array at a path, of Zarr v3 or else of v2; the empty path is the store's root.
  ///
  /// - Throws: ``ZarrError/missingNode(path:)`` if there is none, or what is wrong with its metadata.
  public init(opening path: String, in store: any ReadableStore) throws(ZarrError) {
    let documents = try store.nodeDocuments(of: path)
    if let bytes = documents["zarr.json"] {
      let key = try NodePath.metadataKey(path)
      try self.init(
        try ArrayMetadata(json: try JSONValue(parsing: bytes, key: key), key: key), at: path, in: store,
        format: 3)
      return
    }
    guard let bytes = documents[".zarray"] else { throw .missingNode(path: path) }
    let key = try NodePath.key(".zarray", in: path)
    let attributes = try documents[".zattrs"].flatMap { (bytes) throws(ZarrError) in
      try JSONValue(parsing: bytes, key: try NodePath.key(".zattrs", in: path)).object
    }
    try self.init(
      try ArrayMetadata(v2: try JSONValue(parsing: bytes, key: key), attributes: attributes ?? [:], key: key),
      at: path, in: store, format: 2)
  }

  /// Writes the metadata of a new array, all of whose elements are the fill value.
  ///
  /// - Throws: ``ZarrError/nodeExists(path:)`` where there is an array or group, or
  ///   ``ZarrError/invalidMetadata(key:reason:)`` if the metadata contradict themselves.
  public static func create(
    _ metadata: ArrayMetadata, at path: String, in store: any WritableStore
  ) throws(ZarrError) -> ZarrArray {
    let key = try NodePath.metadataKey(path)
    if try store.size(of: key) != nil { throw .nodeExists(path: path) }
    // Read back, so that nothing is created that could not be opened.
    let text = metadata.json.text()
    _ = try ArrayMetadata(json: try JSONValue(parsing: text, key: key), key: key)
    let array = try ZarrArray(metadata, at: path, in: store, format: 3)
    try store.write(Array(text.utf8), to: key)
    return array
  }

  private init(
    _ metadata: ArrayMetadata, at path: String, in store: any ReadableStore, format: Int
  ) throws(ZarrError) {
    self.format = format
    let key = try NodePath.metadataKey(path)
    codec = try ChunkCodec(
      metadata.codecs, shape: metadata.chunkShape, dataType: metadata.dataType,
      fillValue: metadata.fillValue, place: key)
    self.path = path
    self.store = store
    self.metadata = metadata
    grid = ChunkGrid(shape: metadata.shape, chunk: metadata.chunkShape)
    innerGrid = ChunkGrid(
      shape: metadata.shape, chunk: codec.directShard?.grid.chunk ?? metadata.chunkShape)
    indexCache = ShardIndexCache()
  }

  /// The shape of the array.
  public var shape: Extent { metadata.shape }

  /// The type of an element.
  public var dataType: DataType { metadata.dataType }

  /// The key of a stored object, relative to the store.
  public func key(ofShard index: [Int]) -> String {
    let key = metadata.keyEncoding.key(of: index)
    return path.isEmpty ? key : "\(path)/\(key)"
  }

  func require(_ box: Box) throws(ZarrError) {
    guard box.rank == shape.rank, Box(shape).contains(box) else {
      throw .outOfBounds(path: path, box: box, shape: shape)
    }
  }
}

extension ChunkCodec {
  /// The shard codec if stored objects are shards as they are, so that inner chunks can be read alone.
  var directShard: ShardCodec? {
    guard case .shard(let shard) = serialization, stages.isEmpty, order == nil else { return nil }
    return shard
  }
}
