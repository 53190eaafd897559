// SPDX-License-Identifier: Apache-2.0

public import Arrays

extension ZarrArray {
  /// Writes elements so that the first comes to `origin`.
  ///
  /// A shard whose elements inside the array's bounds are all written is encoded from them alone; of
  /// any other the stored elements are read first, while other writers of this module, other processes
  /// among them, stay out. A shard that then holds nothing but the fill value is removed.
  ///
  /// - Parameter threads: How many threads encode.
  /// - Throws: ``ZarrError/outOfBounds(path:box:shape:)``, ``ZarrError/wrongType(path:expected:found:)``,
  ///   ``ZarrError/readOnly(path:)``, or what the store says.
  public func write(_ array: NDArray, at origin: [Int], threads: Int = 1) throws(ZarrError) {
    guard format == 3, let store = store as? any WritableStore else { throw .readOnly(path: path) }
    guard array.dataType == dataType else {
      throw .wrongType(path: path, expected: dataType, found: array.dataType)
    }
    guard origin.count == array.rank, origin.allSatisfy({ $0 >= 0 }) else {
      throw .wrongShape(path: path, expected: shape, found: array.extent)
    }
    let box = Box(origin: origin, extent: array.extent)
    try require(box)
    if box.isEmpty { return }
    let shards = Array(grid.chunks(touching: box).positions)
    let coversAll = shards.allSatisfy { box.contains(grid.box(at: $0)) }
    // Each thread has its own shard, but for those at the end that are fewer than the threads: of them, one
    // after the other, the threads share the inner chunks.
    let outer = threads > 1 ? shards.count / threads * threads : shards.count
    try store.withLock(below: path, exclusive: !coversAll) { () throws(ZarrError) in
      try concurrentForEach(count: outer, threads: threads) { (number) throws(ZarrError) in
        try write(array, box, shard: shards[number], to: store, threads: 1)
      }
      for position in shards[outer...] {
        try write(array, box, shard: position, to: store, threads: threads)
      }
    }
  }

  private func write(
    _ array: NDArray, _ box: Box, shard position: [Int], to store: any WritableStore, threads: Int
  ) throws(ZarrError) {
    let whole = grid.box(at: position)
    if box.contains(whole) {
      let local = whole.translated(by: box.origin.map { -$0 })
      return try self.store(array, local, shard: position, to: store, threads: threads)
    }
    var elements = NDArray(dataType, whole.extent)
    try read(
      whole, into: &elements, at: [Int](repeating: 0, count: whole.rank), threads: threads, isZeroed: true)
    let common = whole.intersection(box)
    elements.copy(
      common.translated(by: box.origin.map { -$0 }), of: array,
      to: common.origin.indices.map { common.origin[$0] - whole.origin[$0] })
    try self.store(elements, Box(whole.extent), shard: position, to: store, threads: threads)
  }

  private func store(
    _ array: NDArray, _ box: Box, shard position: [Int], to store: any WritableStore, threads: Int
  ) throws(ZarrError) {
    let key = key(ofShard: position)
    let isStored = try store.write(to: key) { (append) throws(ZarrError) in
      try encode(array, box, key: key, threads: threads, append) != nil
    }
    if !isStored { try store.erase(key) }
  }

  /// Encodes a shard from a part of an array without storing it, and gives its bytes away part by part.
  ///
  /// - Parameters:
  ///   - array: Holds the elements of the shard inside the array's bounds.
  ///   - box: Where they are: of extent `grid.box(at: index).extent`.
  ///   - index: The place of the shard in ``grid``.
  ///   - threads: How many threads encode inner chunks.
  ///   - give: Is called on this thread with what is to be stored under ``key(ofShard:)``, in order.
  /// - Returns: Which inner chunks are stored, in C order of the shard's full grid; `nil`, and nothing was
  ///   given, if every element is the fill value.
  public func encode(
    _ array: NDArray, _ box: Box, shard index: [Int], threads: Int = 1,
    _ give: (RawSpan) throws(ZarrError) -> Void
  ) throws(ZarrError) -> [Bool]? {
    guard array.dataType == dataType else {
      throw .wrongType(path: path, expected: dataType, found: array.dataType)
    }
    guard index.count == shape.rank, Box(grid.counts).contains(Box(origin: index, extent: grid.unit)) else {
      throw .outOfBounds(path: path, box: box, shape: shape)
    }
    let expected = grid.box(at: index).extent
    guard box.extent == expected, array.rank == box.rank, Box(array.extent).contains(box) else {
      throw .wrongShape(path: path, expected: expected, found: array.extent)
    }
    return try encode(array, box, key: key(ofShard: index), threads: threads, give)
  }
}

extension ChunkGrid {
  /// The extent of one chunk in units of chunks.
  fileprivate var unit: Extent { Extent(shape.sizes.map { _ in 1 }) }
}
