// SPDX-License-Identifier: Apache-2.0

public import Arrays
import Synchronization

extension ZarrArray {
  /// Reads the elements of `box`; chunks that were never written read as the fill value.
  ///
  /// - Parameters:
  ///   - box: Half-open, in elements; must lie inside the array.
  ///   - threads: How many threads fetch and decode.
  /// - Returns: Elements of shape `box.extent` in C order.
  /// - Throws: ``ZarrError/outOfBounds(path:box:shape:)``, or ``ZarrError/corruptChunk(key:reason:)``
  ///   where a checksum or a length disagrees.
  /// - Complexity: O(elements of every inner chunk that `box` touches).
  public func read(_ box: Box, threads: Int = 1) throws(ZarrError) -> NDArray {
    try require(box)
    var (result, isZeroed) = NDArray.unfilled(dataType, box.extent)
    try read(
      box, into: &result, at: [Int](repeating: 0, count: box.rank), threads: threads, isZeroed: isZeroed)
    return result
  }

  /// Reads the elements of `box` to `position` of an array that the caller has.
  ///
  /// - Throws: As ``read(_:threads:)``; ``ZarrError/wrongType(path:expected:found:)`` if the target's
  ///   type is another, ``ZarrError/wrongShape(path:expected:found:)`` if the box does not fit into it.
  public func read(
    _ box: Box, into target: inout NDArray, at position: [Int], threads: Int = 1
  ) throws(ZarrError) {
    try require(box)
    guard target.dataType == dataType else {
      throw .wrongType(path: path, expected: dataType, found: target.dataType)
    }
    guard position.count == box.rank, target.rank == box.rank,
      Box(target.extent).contains(Box(origin: position, extent: box.extent))
    else { throw .wrongShape(path: path, expected: box.extent, found: target.extent) }
    try read(box, into: &target, at: position, threads: threads, isZeroed: false)
  }

  /// Which inner chunks of a shard are stored, in C order of the shard's full grid; `nil` if the shard is
  /// not. A chunk of an array that is not sharded counts as its own only inner chunk.
  public func presentChunks(ofShard index: [Int]) throws(ZarrError) -> [Bool]? {
    let key = key(ofShard: index)
    guard codec.directShard != nil else { return try store.size(of: key) == nil ? nil : [true] }
    return try shardIndex(key)?.presence
  }

  /// What reading `box` takes.
  func plan(_ box: Box, threads: Int) throws(ZarrError) -> ReadPlan {
    var plan = ReadPlan()
    let shards = Array(grid.chunks(touching: box).positions)
    guard let shard = codec.directShard else {
      for position in shards {
        let whole = grid.fullBox(at: position)
        let common = whole.intersection(box)
        let piece = ReadPlan.Piece(
          bytes: 0..<Int.max, region: common.translated(by: whole.origin.map { -$0 }),
          position: common.origin.indices.map { common.origin[$0] - box.origin[$0] })
        plan.add([piece], of: key(ofShard: position), runLimit: 0)
      }
      return plan
    }
    let indices = try shardIndices(shards.map { key(ofShard: $0) }, threads: threads)
    let pieces = try indices.indices.map { (number) throws(ZarrError) in
      try self.pieces(of: box, in: shards[number], shard, indices[number], &plan.absent)
    }
    // Enough runs to keep every thread busy, each small enough to stay in a core's cache; where a request
    // costs waiting, enough to be waited for at once, each large enough to be worth it.
    let total = pieces.joined().reduce(0) { $0 + $1.bytes.count }
    let runLimit =
      store.batchSize > 1
      ? min(max(total / store.batchSize, 512 << 10), 2 << 20)
      : min(max(total / (16 * max(threads, 1)), 64 << 10), 1 << 20)
    for (number, pieces) in pieces.enumerated() {
      plan.add(pieces, of: key(ofShard: shards[number]), runLimit: runLimit)
    }
    return plan
  }

  private func pieces(
    of box: Box, in position: [Int], _ shard: ShardCodec, _ index: ShardIndex?, _ absent: inout [Box]
  ) throws(ZarrError) -> [ReadPlan.Piece] {
    let whole = grid.fullBox(at: position)
    let common = whole.intersection(box)
    let origin = box.origin.map { -$0 }
    guard let index else {
      absent.append(common.translated(by: origin))
      return []
    }
    let local = common.translated(by: whole.origin.map { -$0 })
    var pieces: [ReadPlan.Piece] = []
    for chunk in shard.grid.chunks(touching: local).positions {
      let chunkBox = shard.grid.fullBox(at: chunk)
      let part = chunkBox.intersection(local)
      let place = part.translated(by: whole.origin).translated(by: origin)
      if let bytes = try index.range(
        ofChunk: shard.grid.ordinal(of: chunk), limit: shard.inner.encodedByteLimit,
        key: key(ofShard: position))
      {
        pieces.append(
          ReadPlan.Piece(
            bytes: bytes, region: part.translated(by: chunkBox.origin.map { -$0 }), position: place.origin))
      } else {
        absent.append(place)
      }
    }
    return pieces
  }

  // MARK: Shard indices

  private func shardIndices(_ keys: [String], threads: Int) throws(ZarrError) -> [ShardIndex?] {
    if store.batchSize > 1 { try fetchIndices(of: keys) }
    let found = Guarded([ShardIndex?](repeating: nil, count: keys.count))
    try concurrentForEach(count: keys.count, threads: keys.count < 4 ? 1 : threads) {
      (number) throws(ZarrError) in
      let index = try shardIndex(keys[number])
      found.withLock { $0[number] = index }
    }
    return found.withLock { $0 }
  }

  /// Fetches the indices that are not known yet, all at once.
  private func fetchIndices(of keys: [String]) throws(ZarrError) {
    guard let shard = codec.directShard else { return }
    let unknown = keys.filter { indexCache[$0] == nil }
    // Looked at first, so that what changes in between is fetched again.
    let stamps = try unknown.map { (key) throws(ZarrError) in try store.stamp(of: key) }
    let fetched = try store.read(unknown.map { ByteRangeRequest($0, shard.indexRange) })
    for (number, key) in unknown.enumerated() {
      var index: ShardIndex?
      if let bytes = fetched[number] { index = try decodedIndex(bytes, of: shard, key) }
      indexCache.insert(.init(index: index, stamp: stamps[number]), for: key)
    }
  }

  /// The index of a shard, from the cache if the object is still the same; `nil` if there is no shard.
  private func shardIndex(_ key: String) throws(ZarrError) -> ShardIndex? {
    let stamp = try store.stamp(of: key)
    if let entry = indexCache[key], entry.stamp == stamp { return entry.index }
    let index = try loadIndex(key)
    indexCache.insert(.init(index: index, stamp: stamp), for: key)
    return index
  }

  private func loadIndex(_ key: String) throws(ZarrError) -> ShardIndex? {
    guard let shard = codec.directShard,
      let bytes = try store.read([ByteRangeRequest(key, shard.indexRange)])[0]
    else { return nil }
    return try decodedIndex(bytes, of: shard, key)
  }

  private func decodedIndex(
    _ bytes: [UInt8], of shard: ShardCodec, _ key: String
  ) throws(ZarrError) -> ShardIndex {
    guard bytes.count == shard.indexByteCount else {
      throw .corruptChunk(
        key: key, reason: "it has \(bytes.count) bytes where its index alone has \(shard.indexByteCount)")
    }
    return try shard.index(bytes, key: key)
  }
}
