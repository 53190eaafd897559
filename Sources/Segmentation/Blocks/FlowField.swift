// SPDX-License-Identifier: Apache-2.0

import Arrays

/// Heights of a block and its surroundings, and to which neighbour each voxel leads.
struct FlowField: Sendable {
  /// The direction of a voxel that leads nowhere, in the middle of the 27.
  static let nowhere: UInt8 = 13
  /// That of a voxel of no object.
  static let nothing: UInt8 = 255

  private let block: Box
  private let size: [Int]
  private let heights: [Float]
  private let directions: [UInt8]
  private let steps: [(z: Int, y: Int, x: Int)]
  private let offsets: [Int]

  /// Follows the heights of a block and of the voxels next to it.
  init(_ field: HeightField, block: Box, steps: [(z: Int, y: Int, x: Int)]) {
    let margin = LabellingRule.heightMargin
    let wide = block.expanded(by: [margin, margin, margin])
    let size = wide.extent.sizes
    var heights = [Float](repeating: 0, count: wide.count)
    let common = field.box.intersection(wide)
    for z in common.range(0) {
      for y in common.range(1) {
        let from =
          ((z - field.box.lower[0]) * field.box.extent[1] + y - field.box.lower[1]) * field.box.extent[2]
          - field.box.lower[2]
        let to =
          ((z - wide.lower[0]) * size[1] + y - wide.lower[1]) * size[2] - wide.lower[2]
        for x in common.range(2) { heights[to + x] = field.values[from + x] }
      }
    }
    let offsets = steps.map { ($0.z * size[1] + $0.y) * size[2] + $0.x }
    let codes = steps.map { Self.code($0.z, $0.y, $0.x) }
    var directions = [UInt8](repeating: Self.nothing, count: wide.count)
    for z in 1..<size[0] - 1 {
      for y in 1..<size[1] - 1 {
        let row = (z * size[1] + y) * size[2]
        for place in row + 1..<row + size[2] - 1 where heights[place] > 0 {
          var best = heights[place]
          var direction = Self.nowhere
          for number in offsets.indices where heights[place + offsets[number]] > best {
            best = heights[place + offsets[number]]
            direction = codes[number]
          }
          directions[place] = direction
        }
      }
    }
    self.block = block
    self.size = size
    self.heights = heights
    self.directions = directions
    self.steps = steps
    self.offsets = offsets
  }

  /// The number of a step among the 27.
  static func code(_ z: Int, _ y: Int, _ x: Int) -> UInt8 { UInt8((z + 1) * 9 + (y + 1) * 3 + x + 1) }

  /// The height of a voxel of the block by its place in C order.
  func height(at place: Int) -> Float { heights[wide(place)] }

  /// The direction of a voxel of the block by its place in C order.
  func direction(at place: Int) -> UInt8 { directions[wide(place)] }

  private func wide(_ place: Int) -> Int {
    let (plane, width) = (block.extent[1] * block.extent[2], block.extent[2])
    let z = place / plane
    let y = place % plane / width
    let margin = LabellingRule.heightMargin
    return ((z + margin) * size[1] + y + margin) * size[2] + place % width + margin
  }

  /// The labels of the block, its fragments with peaks and exits, and which of them touch.
  func labelled(in box: Box, of shape: Extent) -> ([UInt32], [Fragment], [FragmentContact]) {
    var labels = [UInt32](repeating: 0, count: heights.count)
    var fragments: [Fragment] = []
    let parents = joined()
    /// The place in C order of the whole volume of what lies a step from a voxel of the block.
    func ordinal(_ at: (z: Int, y: Int, x: Int), _ step: (z: Int, y: Int, x: Int) = (0, 0, 0)) -> Int {
      ((box.lower[0] + at.z + step.z) * shape[1] + box.lower[1] + at.y + step.y) * shape[2]
        + box.lower[2] + at.x + step.x
    }
    forEachVoxel { place, at in
      let root = Self.root(of: place, in: parents)
      if root == place {
        fragments.append(Fragment())
        fragments[fragments.count - 1].basinFirst = ordinal(at)
        labels[place] = UInt32(fragments.count)
      } else {
        labels[place] = labels[root]
      }
      let number = Int(labels[place]) - 1
      fragments[number].value = 1
      fragments[number].peak = max(fragments[number].peak, heights[place])
    }
    var saddles: [UInt64: Float] = [:]
    forEachVoxel { place, at in
      let label = labels[place]
      let isFlat = directions[place] == Self.nowhere
      for (step, offset) in zip(steps, offsets) {
        let other = place + offset
        let otherLabel = labels[other]
        if otherLabel == 0 { continue }
        if isFlat, heights[other] == heights[place], directions[other] != Self.nowhere {
          let exit = ordinal(at, step)
          if exit < fragments[Int(label) - 1].exit?.place ?? .max {
            fragments[Int(label) - 1].exit = (exit, otherLabel)
          }
        }
        if offset < 0, otherLabel != label {
          let key = UInt64(min(label, otherLabel)) << 32 | UInt64(max(label, otherLabel))
          let height = min(heights[place], heights[other])
          saddles[key] = max(saddles[key] ?? 0, height)
        }
      }
    }
    let contacts = saddles.keys.sorted().map { key in
      FragmentContact(a: Int(key >> 32) - 1, b: Int(key & 0xFFFF_FFFF) - 1, saddle: saddles[key] ?? 0)
    }
    var own = [UInt32](repeating: 0, count: box.count)
    forEachVoxel { place, at in
      own[(at.z * box.extent[1] + at.y) * box.extent[2] + at.x] = labels[place]
    }
    return (own, fragments, contacts)
  }

  /// A forest over the voxels of the block whose trees lead to one flat place; a root is the first voxel of
  /// its tree.
  private func joined() -> [Int32] {
    var parents = [Int32](repeating: 0, count: heights.count)
    forEachVoxel { place, _ in parents[place] = Int32(place) }
    func root(_ place: Int) -> Int {
      var place = place
      while Int(parents[place]) != place {
        parents[place] = parents[Int(parents[place])]
        place = Int(parents[place])
      }
      return place
    }
    func unite(_ a: Int, _ b: Int) {
      let (a, b) = (root(a), root(b))
      if a < b { parents[b] = Int32(a) } else { parents[a] = Int32(b) }
    }
    let byCode = Dictionary(
      uniqueKeysWithValues: zip(steps, offsets).map { (Self.code($0.z, $0.y, $0.x), ($0, $1)) })
    let table = (0..<27).map { byCode[UInt8($0)] ?? ((0, 0, 0), 0) }
    let extent = block.extent
    func isInside(_ at: (z: Int, y: Int, x: Int), _ step: (z: Int, y: Int, x: Int)) -> Bool {
      let (z, y, x) = (at.z + step.z, at.y + step.y, at.x + step.x)
      return z >= 0 && z < extent[0] && y >= 0 && y < extent[1] && x >= 0 && x < extent[2]
    }
    forEachVoxel { place, at in
      let direction = directions[place]
      if direction != Self.nowhere {
        let (step, offset) = table[Int(direction)]
        if isInside(at, step) { unite(place, place + offset) }
        return
      }
      for (step, offset) in zip(steps, offsets) where offset < 0 {
        let other = place + offset
        if directions[other] == Self.nowhere, heights[other] == heights[place], isInside(at, step) {
          unite(place, other)
        }
      }
    }
    return parents
  }

  private static func root(of place: Int, in parents: [Int32]) -> Int {
    var place = place
    while Int(parents[place]) != place { place = Int(parents[place]) }
    return place
  }

  /// Calls `body` for each voxel of the block that has a height, with its place among the surroundings and
  /// its position in the block.
  private func forEachVoxel(_ body: (_ place: Int, _ at: (z: Int, y: Int, x: Int)) -> Void) {
    let margin = LabellingRule.heightMargin
    for z in 0..<block.extent[0] {
      for y in 0..<block.extent[1] {
        let row = ((z + margin) * size[1] + y + margin) * size[2] + margin
        for x in 0..<block.extent[2] where heights[row + x] > 0 { body(row + x, (z, y, x)) }
      }
    }
  }
}
