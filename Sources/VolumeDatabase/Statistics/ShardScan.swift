// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog

/// What one pass over the voxels of a shard of level 0 finds out.
struct ShardScan: Sendable {
  /// What is to be found out.
  struct Purpose: Hashable, Sendable {
    /// Count the voxels of every value.
    let countsValues: Bool
    /// Every value but 0 is the id of an object of this class: find its fragments.
    let instanceClass: Int64?
    /// Make a histogram of the values.
    let makesHistogram: Bool
  }

  /// The chunks in C order, those without a voxel other than 0 included.
  var chunks: [ChunkStatistic] = []
  /// The objects, in the order of their ids.
  var fragments: [InstanceFragment] = []
  /// The values of all voxels.
  var histogram: HistogramAccumulator

  /// A chunk of more values than this is no chunk of classes, and its values are not counted.
  static let mostValues = 256

  /// Looks at every voxel of a shard once.
  ///
  /// - Parameters:
  ///   - array: The voxels of the shard that lie inside the volume, or an array around them.
  ///   - part: Where they are in `array`; `nil` if they are all of it.
  ///   - origin: Where the shard begins in the volume.
  ///   - chunk: The shape of a chunk; `origin` is a multiple of it.
  init(_ array: NDArray, _ part: Box? = nil, at origin: [Int], chunk: Extent, for purpose: Purpose) {
    histogram = HistogramAccumulator(isWhole: !array.dataType.isFloatingPoint)
    let part = part ?? Box(array.extent)
    let grid = ChunkGrid(shape: part.extent, chunk: chunk)
    for ordinal in 0..<grid.counts.count {
      let index = grid.index(ofOrdinal: ordinal)
      let box = grid.box(at: index).translated(by: part.origin)
      let voxels = box == Box(array.extent) ? array : array.cropped(to: box)
      chunks.append(
        Self.facts(
          of: voxels, index: (0..<3).map { origin[$0] / chunk[$0] + index[$0] }, for: purpose, &histogram))
    }
    if let classID = purpose.instanceClass {
      let block = part == Box(array.extent) ? array : array.cropped(to: part)
      fragments = Self.fragments(of: block, at: origin, classID: classID)
    }
  }
}
