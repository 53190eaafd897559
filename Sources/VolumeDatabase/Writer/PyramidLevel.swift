// SPDX-License-Identifier: Apache-2.0

import Arrays
import ImageProcessing
import Synchronization

/// Gathers the layers of one scale level from what is fed of the level above it.
struct PyramidLevel: Sendable {
  let level: ScaleLevel
  private let isLabel: Bool
  /// Planes of the finer level that wait for their partner along z.
  private var pending: NDArray?
  /// The layer that is being filled.
  private var layer = 0
  private var buffer: NDArray?
  private var filled = 0

  init(_ level: ScaleLevel, isLabel: Bool) {
    self.level = level
    self.isLabel = isLabel
  }

  /// Takes the next planes of the finer level.
  ///
  /// - Parameters:
  ///   - block: All of y and x, and the planes that follow those fed before.
  ///   - isLast: Whether the finer level ends with them.
  /// - Returns: The layers of this level that are complete now.
  mutating func feed(_ block: NDArray, isLast: Bool, threads: Int) -> [(layer: Int, slab: NDArray)] {
    let input = pending.map { Self.joined($0, block) } ?? block
    let depth = input.extent[0]
    let usable = isLast ? depth : depth / level.step[0] * level.step[0]
    pending = usable < depth ? Self.planes(usable..<depth, of: input) : nil
    if usable == 0 { return [] }
    let source = usable < depth ? Self.planes(0..<usable, of: input) : input
    return gather(reduced(source, by: level.step, isLabel: isLabel, threads: threads))
  }

  /// Adds planes of this level to the layer that is being filled.
  private mutating func gather(_ planes: NDArray) -> [(layer: Int, slab: NDArray)] {
    var complete: [(layer: Int, slab: NDArray)] = []
    let deepest = level.layout.shard[0]
    var position = 0
    while position < planes.extent[0] {
      let depth = min(deepest, level.shape[0] - layer * deepest)
      let count = min(depth - filled, planes.extent[0] - position)
      if count == depth {
        complete.append((layer, Self.planes(position..<position + count, of: planes)))
        layer += 1
      } else {
        var slab =
          buffer ?? NDArray.unfilled(planes.dataType, [depth, level.shape[1], level.shape[2]]).array
        // Only one reference, so that copying into it copies nothing else.
        buffer = nil
        slab.copy(
          Box(origin: [position, 0, 0], extent: [count, level.shape[1], level.shape[2]]), of: planes,
          to: [filled, 0, 0])
        filled += count
        if filled == depth {
          complete.append((layer, slab))
          layer += 1
          filled = 0
        } else {
          buffer = slab
        }
      }
      position += count
    }
    return complete
  }

  private static func planes(_ range: Range<Int>, of array: NDArray) -> NDArray {
    if range == 0..<array.extent[0] { return array }
    return array.cropped(
      to: Box(origin: [range.lowerBound, 0, 0], extent: [range.count, array.extent[1], array.extent[2]]))
  }

  private static func joined(_ first: NDArray, _ second: NDArray) -> NDArray {
    var (result, _) = NDArray.unfilled(
      first.dataType, [first.extent[0] + second.extent[0], first.extent[1], first.extent[2]])
    result.copy(Box(first.extent), of: first, to: [0, 0, 0])
    result.copy(Box(second.extent), of: second, to: [first.extent[0], 0, 0])
    return result
  }
}

/// A block of the next coarser level: labels by their mode, everything else by its mean.
///
/// - Parameter step: 1 or 2 for each axis; the block begins at a multiple of it.
func reduced(_ block: NDArray, by step: [Int], isLabel: Bool, threads: Int) -> NDArray {
  @Sendable func reduce(_ part: NDArray) -> NDArray {
    isLabel || part.dataType == .bool
      ? reducedByMode(part, factors: step) : reducedByMean(part, factors: step)
  }
  let counts = (0..<3).map { (block.extent[$0] + step[$0] - 1) / step[$0] }
  // Parts that lie in the cores' caches, and whose memory the next part has again.
  let axis = counts[0] >= threads ? 0 : 1
  let parts = min(max(threads, block.byteCount / partLength), counts[axis])
  if parts <= 1 || block.count < 1 << 20 { return reduce(block) }
  let pieces = Mutex([NDArray?](repeating: nil, count: parts))
  let bounds = (0...parts).map { min(counts[axis] * $0 / parts * step[axis], block.extent[axis]) }
  concurrentForEach(count: parts, threads: threads) { number in
    var lower = [0, 0, 0]
    var upper = block.extent.sizes
    (lower[axis], upper[axis]) = (
      bounds[number], number == parts - 1 ? block.extent[axis] : bounds[number + 1]
    )
    let piece = reduce(block.cropped(to: Box(lower: lower, upper: upper)))
    pieces.withLock { $0[number] = piece }
  }
  var (result, _) = NDArray.unfilled(block.dataType, Extent(counts))
  var position = [0, 0, 0]
  for piece in pieces.withLock({ $0 }) {
    guard let piece else { continue }
    result.copy(Box(piece.extent), of: piece, to: position)
    position[axis] += piece.extent[axis]
  }
  return result
}

/// Bytes of a block that are reduced at once.
private let partLength = 4 << 20
