// SPDX-License-Identifier: Apache-2.0

import Catalog
import Arrays
import Segmentation
import VolumeDatabase

/// The blocks that objects are made in: whole shards of what is written.
struct InstanceBlocks: Sendable {
  let source: StoredVersion
  let reading: ObjectReading
  let rule: LabellingRule
  let covered: [Box]
  let distanceLimit: Double
  let isByDistance: Bool
  let grid: ChunkGrid

  init(_ setup: InstanceSetup, shards: ChunkGrid) {
    source = setup.source
    reading = setup.reading
    rule = setup.request.rule
    covered = setup.covered
    distanceLimit = setup.request.distanceLimit
    isByDistance = setup.request.watershed == .distance
    let voxel = setup.source.record.voxelSize.nanometres
    var block = shards.chunk.sizes
    // More shards along the axis that is shortest in nm, while there are some and they fit.
    while block.reduce(2, *) <= setup.request.blockVoxels {
      let open = (0..<3).filter { block[$0] < shards.shape[$0] }
      guard let axis = open.min(by: { Double(block[$0]) * voxel[$0] < Double(block[$1]) * voxel[$1] }) else {
        break
      }
      block[axis] *= 2
    }
    grid = ChunkGrid(shape: shards.shape, chunk: Extent(block))
  }

  /// The places of the blocks of which something is covered, in C order.
  var indices: [[Int]] {
    let ordinals = Set(
      covered.flatMap { box in grid.chunks(touching: box).positions.map { grid.ordinal(of: $0) } })
    return ordinals.sorted().map { grid.index(ofOrdinal: $0) }
  }

  /// Labels a block for itself.
  func labels(at index: [Int]) throws -> BlockLabels {
    let box = grid.box(at: index)
    let coverage = BlockCoverage(of: box, by: covered)
    let shape = grid.shape
    guard rule.isWatershed else {
      let voxels = try source.read(box)
      let values = reading == .ids ? voxels : NDArray(reading.objects(voxels), box.extent)
      return BlockLabels(
        of: known(values, in: box), in: box, of: shape, rule: rule, coverage: coverage)
    }
    let margin = LabellingRule.heightMargin
    let wide = box.expanded(by: [rule.isPerSlice ? 0 : margin, margin, margin]).intersection(Box(shape))
    let heights: HeightField
    if isByDistance {
      let voxel = source.record.voxelSize.nanometres
      var reach = voxel.map { Int((distanceLimit / $0).rounded(.up)) }
      if rule.isPerSlice { reach[0] = 0 }
      let around = wide.expanded(by: reach).intersection(Box(shape))
      heights = HeightField(
        distancesOf: objects(try source.read(around), in: around), in: around,
        voxelSize: source.record.voxelSize, isPerSlice: rule.isPerSlice, limit: distanceLimit, for: wide)
    } else {
      var values = reading.heights(try source.read(wide))
      forEachUnknownRun(in: wide) { run in for place in run { values[place] = 0 } }
      heights = HeightField(values, in: wide)
    }
    return BlockLabels(watershedOf: heights, in: box, of: shape, rule: rule, coverage: coverage)
  }

  /// 1 in objects, 2 where nothing is known, else 0.
  private func objects(_ voxels: NDArray, in box: Box) -> [UInt8] {
    var objects = reading.objects(voxels)
    forEachUnknownRun(in: box) { run in for place in run { objects[place] = 2 } }
    return objects
  }

  /// Values with 0 wherever nothing is known.
  private func known(_ values: NDArray, in box: Box) -> NDArray {
    if covered.contains(where: { $0.contains(box) }) { return values }
    var result = NDArray(values.dataType, values.extent)
    for part in covered.map({ $0.intersection(box) }) where !part.isEmpty {
      let local = part.translated(by: box.origin.map { -$0 })
      result.copy(local, of: values, to: local.origin)
    }
    return result
  }

  private func forEachUnknownRun(in box: Box, _ body: (Range<Int>) -> Void) {
    if covered.contains(where: { $0.contains(box) }) { return }
    let strides = box.extent.strides
    for part in covered.reduce([box], { pieces, one in pieces.flatMap { $0.subtracting(one) } }) {
      for z in part.range(0) {
        for y in part.range(1) {
          let row =
            (z - box.lower[0]) * strides[0] + (y - box.lower[1]) * strides[1] + part.lower[2] - box.lower[2]
          body(row..<row + part.extent[2])
        }
      }
    }
  }
}
