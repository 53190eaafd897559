// SPDX-License-Identifier: Apache-2.0

/// A regular grid that cuts an array into chunks of one shape, the last ones along each axis
/// reaching past the array's end where the shape does not divide it.
public struct ChunkGrid: Hashable, Sendable {
  /// The shape of the array.
  public let shape: Extent

  /// The shape of a chunk, every size at least 1.
  public let chunk: Extent

  /// How many chunks there are along each axis.
  public let counts: Extent

  /// - Precondition: One rank, and no chunk size of 0.
  public init(shape: Extent, chunk: Extent) {
    precondition(shape.rank == chunk.rank, "array and chunk have one rank")
    precondition(chunk.sizes.allSatisfy { $0 > 0 }, "a chunk holds at least one element")
    self.shape = shape
    self.chunk = chunk
    counts = Extent(shape.sizes.indices.map { (shape[$0] + chunk[$0] - 1) / chunk[$0] })
  }

  /// The elements of the chunk at `index`, those past the array's end left out.
  public func box(at index: [Int]) -> Box {
    fullBox(at: index).intersection(Box(shape))
  }

  /// The elements of the chunk at `index`, those past the array's end included.
  public func fullBox(at index: [Int]) -> Box {
    Box(origin: index.indices.map { index[$0] * chunk[$0] }, extent: chunk)
  }

  /// The indices of the chunks that `box` touches, as a box in units of chunks.
  ///
  /// - Precondition: `box` begins at no negative position.
  public func chunks(touching box: Box) -> Box {
    if box.isEmpty { return Box(origin: box.origin, extent: Extent(box.origin.map { _ in 0 })) }
    return Box(
      lower: box.origin.indices.map { box.origin[$0] / chunk[$0] },
      upper: box.origin.indices.map {
        Swift.min((box.upper[$0] + chunk[$0] - 1) / chunk[$0], counts[$0])
      })
  }

  /// The place of a chunk in C order among all of them.
  public func ordinal(of index: [Int]) -> Int {
    var ordinal = 0
    for axis in index.indices { ordinal = ordinal * counts[axis] + index[axis] }
    return ordinal
  }

  /// The chunk at a place in C order.
  public func index(ofOrdinal ordinal: Int) -> [Int] {
    Box(counts).position(ofOrdinal: ordinal)
  }
}

extension Box {
  /// The position at a place in C order among the elements of this box.
  ///
  /// - Precondition: `0 ≤ ordinal < count`.
  public func position(ofOrdinal ordinal: Int) -> [Int] {
    precondition(ordinal >= 0 && ordinal < count, "an ordinal lies inside the box")
    var rest = ordinal
    var position = origin
    for axis in (0..<rank).reversed() {
      position[axis] += rest % extent[axis]
      rest /= extent[axis]
    }
    return position
  }

  /// All positions of this box in C order.
  public var positions: some Sequence<[Int]> & Sendable {
    (0..<count).lazy.map { position(ofOrdinal: $0) }
  }
}
