// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// Puts the fragments of blocks together into the objects of the whole volume.
///
/// ```swift
/// var merger = FragmentMerger(shape: volume.extent, block: [64, 256, 256], rule: rule)
/// for index in merger.grid.indices { merger.add(labels(of: index).summary, at: index) }
/// let merged = merger.merged(minimumVoxels: 100)
/// ```
///
/// What comes out does not depend on how the volume was cut. Besides a few numbers a fragment, the layers
/// of one row of blocks along z are kept, so that the memory needed does not grow with the depth of the
/// volume.
public struct FragmentMerger {
  /// The blocks.
  public let grid: ChunkGrid
  let rule: LabellingRule
  /// What is known of each fragment, blocks in the order in which they came.
  private(set) var fragments: [Fragment] = []
  /// The number of the first fragment of each block, by the block's place in C order.
  private(set) var offsets: [Int: Int] = [:]
  /// How many fragments were added.
  public var fragmentCount: Int { fragments.count }
  var forest = Forest()
  /// Fragments that touch, by their numbers in ``fragments``.
  private(set) var contacts: [FragmentContact] = []
  /// The layers of blocks whose neighbours are still to come.
  private var waiting: [[Int]: [BlockSurface]] = [:]
  private var lastIndex: [Int]?
  /// Of a rule by value: the fragment of each value, and of each slice if they are apart.
  private var byValue: [ValuePlace: Int] = [:]

  private struct ValuePlace: Hashable {
    let value: UInt64
    let slice: Int
  }

  /// - Parameters:
  ///   - shape: Of the volume.
  ///   - block: Of a block; the last ones along each axis are cut off by the volume.
  public init(shape: Extent, block: Extent, rule: LabellingRule) {
    grid = ChunkGrid(shape: shape, chunk: block)
    self.rule = rule
  }

  /// Adds a block.
  ///
  /// - Parameter index: Its place in ``grid``. Blocks come in C order; those that have nothing may be left
  ///   out.
  public mutating func add(_ summary: BlockSummary, at index: [Int]) {
    precondition(
      lastIndex.map { $0.lexicographicallyPrecedes(index) } ?? true, "blocks come in C order")
    let offset = fragments.count
    offsets[grid.ordinal(of: index)] = offset
    fragments += summary.fragments
    for _ in summary.fragments { forest.grow() }
    for one in summary.contacts {
      contacts.append(FragmentContact(a: one.a + offset, b: one.b + offset, saddle: one.saddle))
    }
    exits.append(
      contentsOf: summary.fragments.enumerated().compactMap { number, one in
        one.exit.map { Exit(fragment: offset + number, place: $0.place, target: offset + Int($0.label) - 1) }
      })
    if rule.grouping == .values {
      joinValues(from: offset)
    } else {
      if let last = lastIndex, last[0] != index[0] {
        waiting = waiting.filter { $0.key[0] >= index[0] - 1 }
      }
      meetNeighbours(summary, at: index, offset: offset)
      waiting[index] = summary.surfaces
    }
    lastIndex = index
  }

  /// A way from a flat place uphill.
  struct Exit {
    let fragment: Int
    let place: Int
    let target: Int
  }

  private(set) var exits: [Exit] = []

  private mutating func joinValues(from offset: Int) {
    let slice = grid.shape[1] * grid.shape[2]
    for number in offset..<fragments.count {
      let key = ValuePlace(
        value: fragments[number].value, slice: rule.isPerSlice ? fragments[number].first / slice : 0)
      if let known = byValue[key] { forest.unite(known, number) } else { byValue[key] = number }
    }
  }

  // MARK: Neighbouring blocks

  private mutating func meetNeighbours(_ summary: BlockSummary, at index: [Int], offset: Int) {
    let reach = -1...1
    for z in reach {
      for y in reach {
        for x in reach where (z, y, x) > (0, 0, 0) {
          let step = [z, y, x]
          if rule.isPerSlice && z != 0 { continue }
          let before = (0..<3).map { index[$0] - step[$0] }
          guard let surfaces = waiting[before], let first = offsets[grid.ordinal(of: before)] else {
            continue
          }
          guard let axis = step.firstIndex(of: 1) else { continue }
          meet(
            (before, surfaces[3 + axis], first), (index, summary.surfaces[axis], offset), step: step,
            axis: axis)
        }
      }
    }
  }

  private typealias Side = (index: [Int], surface: BlockSurface, offset: Int)

  /// Looks at all voxels of `a` that have neighbours in `b`, which lies `step` blocks further on; `axis` is
  /// the first along which it does.
  private mutating func meet(_ a: Side, _ b: Side, step: [Int], axis: Int) {
    if a.surface.runs.isEmpty || b.surface.runs.isEmpty { return }
    let (boxA, boxB) = (grid.box(at: a.index), grid.box(at: b.index))
    let (p, q) = BlockSurface.axes(across: axis)
    let first = DenseSurface(a.surface, count: boxA.extent[p] * boxA.extent[q])
    let second = DenseSurface(b.surface, count: boxB.extent[p] * boxB.extent[q])
    let mostSteps = rule.connectivity.mostSteps
    let deltas = [p, q].map { step[$0] == 0 ? [-1, 0, 1] : [step[$0]] }
    func range(_ axis: Int) -> Range<Int> {
      let count = boxA.extent[axis]
      return step[axis] == 0 ? 0..<count : step[axis] == 1 ? count - 1..<count : 0..<1
    }
    /// The position in `b` of what lies `delta` from a position in `a`.
    func position(_ place: Int, _ delta: Int, _ axis: Int) -> Int? {
      let position = boxA.lower[axis] + place + delta - boxB.lower[axis]
      return (0..<boxB.extent[axis]).contains(position) ? position : nil
    }
    for i in range(p) {
      for j in range(q) {
        let here = i * boxA.extent[q] + j
        if first.labels[here] == 0 { continue }
        for di in deltas[0] {
          guard let oi = position(i, di, p) else { continue }
          for dj in deltas[1] where 1 + abs(di) + abs(dj) <= mostSteps {
            if rule.isPerSlice && p == 0 && di != 0 { continue }
            guard let oj = position(j, dj, q) else { continue }
            let there = oi * boxB.extent[q] + oj
            if second.labels[there] == 0 { continue }
            var delta = [0, 0, 0]
            (delta[axis], delta[p], delta[q]) = (1, di, dj)
            touch(
              Touch(first, here, a.offset), Touch(second, there, b.offset), delta: delta,
              places: { [grid] in
                let at = boxA.lower.indices.map { k in
                  k == axis ? boxA.upper[k] - 1 : boxA.lower[k] + (k == p ? i : j)
                }
                let other = at.indices.map { at[$0] + delta[$0] }
                return (grid.place(at), grid.place(other))
              })
          }
        }
      }
    }
  }

  /// A voxel of a layer.
  private struct Touch {
    let fragment: Int
    let height: Float
    let direction: UInt8

    init(_ surface: DenseSurface, _ place: Int, _ offset: Int) {
      fragment = offset + Int(surface.labels[place]) - 1
      height = surface.heights.isEmpty ? 0 : surface.heights[place]
      direction = surface.directions.isEmpty ? FlowField.nothing : surface.directions[place]
    }

    var isFlat: Bool { direction == FlowField.nowhere }
  }

  /// Joins two neighbouring voxels of two blocks, or notes that they touch.
  private mutating func touch(_ a: Touch, _ b: Touch, delta: [Int], places: () -> (Int, Int)) {
    let (one, other) = (fragments[a.fragment], fragments[b.fragment])
    let isFace = abs(delta[0]) + abs(delta[1]) + abs(delta[2]) == 1
    if one.isBackground || other.isBackground {
      if !isFace { return }
      if one.isBackground && other.isBackground {
        forest.unite(a.fragment, b.fragment)
      } else {
        let (object, background) = one.isBackground ? (b.fragment, a.fragment) : (a.fragment, b.fragment)
        contacts.append(FragmentContact(a: object, b: background, saddle: 0))
      }
      return
    }
    guard rule.isWatershed else {
      if one.value == other.value { forest.unite(a.fragment, b.fragment) }
      return
    }
    let code = FlowField.code(delta[0], delta[1], delta[2])
    if a.direction == code || b.direction == 26 - code {
      forest.unite(a.fragment, b.fragment)
    } else if a.height == b.height && a.isFlat && b.isFlat {
      forest.unite(a.fragment, b.fragment)
    } else {
      if a.height == b.height && (a.isFlat || b.isFlat) {
        let places = places()
        exits.append(
          a.isFlat
            ? Exit(fragment: a.fragment, place: places.1, target: b.fragment)
            : Exit(fragment: b.fragment, place: places.0, target: a.fragment))
      }
      let saddle = min(a.height, b.height)
      let (low, high) = (min(a.fragment, b.fragment), max(a.fragment, b.fragment))
      // Neighbouring voxels mostly touch the same two.
      if let last = contacts.last, last.a == low, last.b == high {
        contacts[contacts.count - 1].saddle = max(last.saddle, saddle)
      } else {
        contacts.append(FragmentContact(a: low, b: high, saddle: saddle))
      }
    }
  }
}

extension ChunkGrid {
  /// The place of a voxel in C order.
  fileprivate func place(_ position: [Int]) -> Int {
    (position[0] * shape[1] + position[1]) * shape[2] + position[2]
  }
}
