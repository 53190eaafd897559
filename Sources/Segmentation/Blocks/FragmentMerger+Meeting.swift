// SPDX-License-Identifier: Apache-2.0

import Arrays

extension FragmentMerger {
  /// Joins what goes on from a block into those before it.
  mutating func meetNeighbours(of block: WaitingBlock, at index: [Int]) {
    let reach = -1...1
    for z in reach {
      for y in reach {
        for x in reach where (z, y, x) > (0, 0, 0) {
          let step = [z, y, x]
          if rule.isPerSlice && z != 0 { continue }
          let before = (0..<3).map { index[$0] - step[$0] }
          guard let other = waiting[before], let axis = step.firstIndex(of: 1) else { continue }
          meet(
            (before, other.surfaces[3 + axis], other.nodes), (index, block.surfaces[axis], block.nodes),
            step: step, axis: axis)
        }
      }
    }
  }

  private typealias Side = (index: [Int], surface: BlockSurface, nodes: [UInt32])

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
              Touch(first, here, a.nodes), Touch(second, there, b.nodes), delta: delta,
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
    let node: Int
    let height: Float
    let direction: UInt8

    init(_ surface: DenseSurface, _ place: Int, _ nodes: [UInt32]) {
      node = Int(nodes[Int(surface.labels[place]) - 1])
      height = surface.heights.isEmpty ? 0 : surface.heights[place]
      direction = surface.directions.isEmpty ? FlowField.nothing : surface.directions[place]
    }

    var isFlat: Bool { direction == FlowField.nowhere }
  }

  /// Joins two neighbouring voxels of two blocks, or notes that they touch.
  private mutating func touch(_ a: Touch, _ b: Touch, delta: [Int], places: () -> (Int, Int)) {
    let (one, other) = (nodes[a.node], nodes[b.node])
    let isFace = abs(delta[0]) + abs(delta[1]) + abs(delta[2]) == 1
    if one.isBackground || other.isBackground {
      if !isFace { return }
      if one.isBackground && other.isBackground {
        forest.unite(a.node, b.node)
      } else {
        let (object, background) = one.isBackground ? (b.node, a.node) : (a.node, b.node)
        addRim(object: object, background: background)
      }
      return
    }
    guard rule.isWatershed else {
      if one.value == other.value { forest.unite(a.node, b.node) }
      return
    }
    let code = FlowField.code(delta[0], delta[1], delta[2])
    if a.direction == code || b.direction == 26 - code {
      forest.unite(a.node, b.node)
    } else if a.height == b.height && a.isFlat && b.isFlat {
      forest.unite(a.node, b.node)
    } else {
      if a.height == b.height && (a.isFlat || b.isFlat) {
        let places = places()
        exits.append(
          a.isFlat
            ? Exit(node: a.node, place: places.1, target: b.node)
            : Exit(node: b.node, place: places.0, target: a.node))
      }
      let saddle = min(a.height, b.height)
      let (low, high) = (min(a.node, b.node), max(a.node, b.node))
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
