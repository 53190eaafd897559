// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// The parts of objects that lie in one block of a volume.
///
/// Blocks are labelled each for itself, in any order and on any thread, and put together by a
/// ``FragmentMerger``, which gives the objects that the whole volume would have had.
public struct BlockLabels: Sendable {
  /// Where the block lies.
  public let box: Box
  /// The shape of the whole volume.
  let shape: Extent
  /// For every voxel in C order the number of its fragment, counted from 1; 0 if it has none.
  public private(set) var labels: [UInt32]
  /// What is known of each fragment.
  public private(set) var fragments: [Fragment] = []
  /// Fragments that touch inside the block, numbered from 0: of a watershed those of objects, and where
  /// holes are filled a background and an object.
  private(set) var contacts: [FragmentContact] = []
  /// Heights and directions, of a watershed.
  let field: FlowField?

  /// Labels what is connected, has one value, or both.
  ///
  /// - Parameters:
  ///   - values: Of the shape of `box`; integers or `bool`; 0 is no object, and stands wherever a voxel is
  ///     not known.
  ///   - shape: The shape of the whole volume.
  ///   - rule: Anything but a watershed.
  /// - Precondition: Fewer than 2³² voxels.
  public init(
    of values: NDArray, in box: Box, of shape: Extent, rule: LabellingRule, coverage: BlockCoverage
  ) {
    precondition(values.extent == box.extent && box.rank == 3, "a value for every voxel of the block")
    precondition(!rule.isWatershed, "a watershed needs heights")
    self.box = box
    self.shape = shape
    field = nil
    labels = [UInt32](repeating: 0, count: box.count)
    if rule.grouping == .values {
      labelValues(values, isPerSlice: rule.isPerSlice)
    } else {
      let before = rule.connectivity.rowsBefore(inSlices: rule.isPerSlice)
      let (runs, numbers, count) = componentRuns(values, rowsBefore: before)
      fragments = [Fragment](repeating: Fragment(), count: count)
      for (number, run) in zip(numbers, runs) {
        fragments[Int(number) - 1].value = run.value
        fill(run, UInt32(truncatingIfNeeded: number))
      }
    }
    complete(rule, coverage)
  }

  /// Labels where voxels lead uphill.
  ///
  /// A voxel leads to its highest neighbour (the first in C order of several), if that is higher than
  /// itself. Connected voxels of one height without a higher neighbour belong together: they are a summit,
  /// or lead as one to the first voxel in C order beside them that has their height and a higher neighbour.
  /// This is the watershed of Vincent and Soille 1991 (doi:10.1109/34.87344) with one summit a marker,
  /// decided voxel by voxel, so that blocks and the whole agree.
  ///
  /// - Parameters:
  ///   - heights: Of the block and ``LabellingRule/heightMargin`` voxels around it as far as the volume
  ///     goes; 0 where there is no object.
  ///   - rule: A watershed.
  public init(
    watershedOf heights: HeightField, in box: Box, of shape: Extent, rule: LabellingRule,
    coverage: BlockCoverage
  ) {
    precondition(rule.isWatershed, "heights are for a watershed")
    self.box = box
    self.shape = shape
    let field = FlowField(
      heights, block: box, steps: rule.connectivity.steps(inSlices: rule.isPerSlice))
    self.field = field
    (labels, fragments, contacts) = field.labelled(in: box, of: shape)
    if case .watershed(let depth) = rule.grouping { joinBasins(depth: depth, isPerSlice: rule.isPerSlice) }
    complete(rule, coverage)
  }

  /// Joins basins that are joined in the end in any case.
  private mutating func joinBasins(depth: Double, isPerSlice: Bool) {
    var isInside = [Bool](repeating: true, count: fragments.count)
    forEachVoxelBesideBlocks(isPerSlice: isPerSlice) { place in
      if labels[place] != 0 { isInside[Int(labels[place]) - 1] = false }
    }
    var contraction = BasinContraction(fragments, contacts, isInside: isInside, depth: depth)
    let left = contraction.result()
    for place in labels.indices where labels[place] != 0 {
      labels[place] = UInt32(left.numbers[Int(labels[place]) - 1] + 1)
    }
    (fragments, contacts) = (left.fragments, left.contacts)
  }

  /// Calls `body` with the places of all voxels that have neighbours in other blocks.
  private func forEachVoxelBesideBlocks(isPerSlice: Bool, _ body: (Int) -> Void) {
    let (extent, strides) = (box.extent, box.extent.strides)
    if extent.isEmpty { return }
    for axis in (isPerSlice ? 1 : 0)..<3 {
      let (p, q) = BlockSurface.axes(across: axis)
      let layers =
        (box.lower[axis] > 0 ? [0] : []) + (box.upper[axis] < shape[axis] ? [extent[axis] - 1] : [])
      for layer in layers {
        for i in 0..<extent[p] {
          for j in 0..<extent[q] { body(layer * strides[axis] + i * strides[p] + j * strides[q]) }
        }
      }
    }
  }

  /// Everything but the voxels.
  public var summary: BlockSummary {
    let extent = box.extent
    return BlockSummary(
      fragments: fragments, contacts: contacts,
      surfaces: (0..<6).map { number in
        let (axis, isHigh) = (number % 3, number >= 3)
        // Nothing lies beyond the faces of the volume.
        let isOutermost = isHigh ? box.upper[axis] == shape[axis] : box.lower[axis] == 0
        return isOutermost || extent.isEmpty
          ? BlockSurface() : BlockSurface(of: self, axis: axis, isHigh: isHigh)
      })
  }

  private mutating func fill(_ run: ComponentRun, _ label: UInt32) {
    let row = run.row * box.extent[2]
    for x in run.start..<run.end { labels[row + x] = label }
  }

  /// A fragment for every value, in every slice if slices are apart.
  private mutating func labelValues(_ values: NDArray, isPerSlice: Bool) {
    var known: [UInt64: UInt32] = [:]
    var row = [LabelRun]()
    for index in 0..<values.rowCount {
      if isPerSlice && index % box.extent[1] == 0 { known = [:] }
      LabelRun.read(values, row: index, into: &row)
      for run in row where run.value != 0 {
        var label = known[run.value] ?? 0
        if label == 0 {
          var fragment = Fragment()
          fragment.value = run.value
          fragments.append(fragment)
          label = UInt32(fragments.count)
          known[run.value] = label
        }
        fill(ComponentRun(row: index, start: run.start, end: run.end, value: run.value), label)
      }
    }
  }

  private mutating func complete(_ rule: LabellingRule, _ coverage: BlockCoverage) {
    if rule.fillsHoles { addBackground(coverage, isPerSlice: rule.isPerSlice) }
    measure()
    markEdges(coverage, isPerSlice: rule.isPerSlice)
  }

  /// Labels the known voxels that no object has, connected by faces, and what objects they touch.
  private mutating func addBackground(_ coverage: BlockCoverage, isPerSlice: Bool) {
    var open = [UInt8](repeating: 0, count: labels.count)
    let inside = coverage.inside(box.extent)
    for place in open.indices where labels[place] == 0 && inside?[place] ?? 1 != 0 { open[place] = 1 }
    let offset = fragments.count
    let (runs, numbers, count) = componentRuns(
      NDArray(open, box.extent), rowsBefore: Connectivity.faces.rowsBefore(inSlices: isPerSlice))
    var one = Fragment()
    one.isBackground = true
    fragments += [Fragment](repeating: one, count: count)
    for (number, run) in zip(numbers, runs) { fill(run, UInt32(offset) + UInt32(number)) }
    contacts += backgroundContacts(objects: offset, isPerSlice: isPerSlice)
  }

  private func backgroundContacts(objects: Int, isPerSlice: Bool) -> [FragmentContact] {
    var found: Set<UInt64> = []
    let strides = box.extent.strides
    let limit = UInt32(objects)
    for axis in (isPerSlice ? 1 : 0)..<3 {
      forEachPair(strides[axis], axis: axis) { a, b in
        if (a <= limit) != (b <= limit) && a != 0 && b != 0 {
          found.insert(UInt64(min(a, b)) << 32 | UInt64(max(a, b)))
        }
      }
    }
    return found.sorted().map { key in
      FragmentContact(a: Int(key >> 32) - 1, b: Int(key & 0xFFFF_FFFF) - 1, saddle: 0)
    }
  }

  /// Calls `body` with the labels of all neighbours along an axis that differ.
  private func forEachPair(_ stride: Int, axis: Int, _ body: (UInt32, UInt32) -> Void) {
    let extent = box.extent
    for z in 0..<extent[0] - (axis == 0 ? 1 : 0) {
      for y in 0..<extent[1] - (axis == 1 ? 1 : 0) {
        let row = (z * extent[1] + y) * extent[2]
        for place in row..<row + extent[2] - (axis == 2 ? 1 : 0) {
          let (a, b) = (labels[place], labels[place + stride])
          if a != b { body(a, b) }
        }
      }
    }
  }

  /// Counts voxels and finds first ones.
  private mutating func measure() {
    let extent = box.extent
    for z in 0..<extent[0] {
      for y in 0..<extent[1] {
        let row = (z * extent[1] + y) * extent[2]
        let place = ((box.lower[0] + z) * shape[1] + box.lower[1] + y) * shape[2] + box.lower[2]
        var x = 0
        while x < extent[2] {
          let label = labels[row + x]
          let start = x
          x += 1
          while x < extent[2] && labels[row + x] == label { x += 1 }
          if label == 0 { continue }
          fragments[Int(label) - 1].voxels += x - start
          fragments[Int(label) - 1].first = min(fragments[Int(label) - 1].first, place + start)
        }
      }
    }
  }

  /// Finds which fragments have an unknown voxel beside them.
  private mutating func markEdges(_ coverage: BlockCoverage, isPerSlice: Bool) {
    guard case .partial(let known) = coverage else { return }
    let (height, width) = (box.extent[1] + 2, box.extent[2] + 2)
    let steps = isPerSlice ? [width, 1] : [height * width, width, 1]
    let columns = box.extent[2]
    var touching = [Bool](repeating: false, count: fragments.count)
    BlockCoverage.forEachRow(box.extent) { row, wide in
      for x in 0..<columns where labels[row + x] != 0 {
        for step in steps where known[wide + x - step] == 0 || known[wide + x + step] == 0 {
          touching[Int(labels[row + x]) - 1] = true
        }
      }
    }
    for number in touching.indices where touching[number] { fragments[number].touchesEdge = true }
  }
}
