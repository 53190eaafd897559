// SPDX-License-Identifier: Apache-2.0

import Arrays

@testable import Segmentation

/// A volume cut into blocks, each labelled for itself, and put together.
struct BlockedObjects {
  let rule: LabellingRule
  let block: Extent
  var covered: [Box]?
  var minimumVoxels = 0
  /// How many nodes a merger leaves as they are; none by default, because joining them is what is tested.
  var fewNodes = 0

  init(_ rule: LabellingRule, block: Extent, covered: [Box]? = nil, minimumVoxels: Int = 0) {
    self.rule = rule
    self.block = block
    self.covered = covered
    self.minimumVoxels = minimumVoxels
  }

  /// The ids of a volume of values.
  func ids(of values: NDArray) -> (ids: [UInt64], objects: [MergedObjects.Object]) {
    let shape = values.extent
    return ids(shape) { box in
      BlockLabels(
        of: values.cropped(to: box), in: box, of: shape, rule: rule, coverage: coverage(box, shape))
    }
  }

  /// The ids of a watershed over heights.
  func ids(ofHeights heights: [Float], _ shape: Extent) -> (ids: [UInt64], objects: [MergedObjects.Object]) {
    ids(shape) { box in
      let wide = box.expanded(by: [2, 2, 2]).intersection(Box(shape))
      let values = NDArray(heights, shape).cropped(to: wide).elements(as: Float.self)
      return BlockLabels(
        watershedOf: HeightField(values, in: wide), in: box, of: shape, rule: rule,
        coverage: coverage(box, shape))
    }
  }

  private func coverage(_ box: Box, _ shape: Extent) -> BlockCoverage {
    BlockCoverage(of: box, by: covered ?? [Box(shape)])
  }

  private func ids(
    _ shape: Extent, _ labels: (Box) -> BlockLabels
  ) -> (ids: [UInt64], objects: [MergedObjects.Object]) {
    var merger = FragmentMerger(shape: shape, block: block, rule: rule)
    merger.fewNodes = fewNodes
    let grid = merger.grid
    var blocks: [(Int, BlockLabels)] = []
    for index in Box(grid.counts).positions {
      let made = labels(grid.box(at: index))
      let bytes = made.summary.bytes
      guard let summary = BlockSummary(bytes: bytes) else { preconditionFailure("what was written reads") }
      precondition(summary == made.summary, "what was written reads as it was")
      merger.add(summary, at: index)
      blocks.append((grid.ordinal(of: index), made))
    }
    let merged = merger.merged(minimumVoxels: minimumVoxels)
    var result = NDArray(.uint64, shape)
    for (ordinal, block) in blocks {
      let table = merged.table(forBlock: ordinal, count: block.fragments.count)
      let part = NDArray(block.labels.map { table[Int($0)] }, block.box.extent)
      result.copy(Box(block.box.extent), of: part, to: block.box.origin)
    }
    return (result.elements(), merged.objects)
  }
}
