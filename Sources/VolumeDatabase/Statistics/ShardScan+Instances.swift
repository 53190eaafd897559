// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog

extension ShardScan {
  /// The objects of a block whose values are instance ids, 0 being none.
  ///
  /// - Complexity: O(voxels), with a look-up for every run of equal voxels along x.
  static func fragments(of block: NDArray, at origin: [Int], classID: Int64) -> [InstanceFragment] {
    switch block.dataType {
    case .bool, .uint8: fragments(UInt8.self, block, origin, classID)
    case .int8: fragments(Int8.self, block, origin, classID)
    case .int16: fragments(Int16.self, block, origin, classID)
    case .int32: fragments(Int32.self, block, origin, classID)
    case .int64: fragments(Int64.self, block, origin, classID)
    case .uint16: fragments(UInt16.self, block, origin, classID)
    case .uint32: fragments(UInt32.self, block, origin, classID)
    case .uint64: fragments(UInt64.self, block, origin, classID)
    case .float16, .float32, .float64: []
    }
  }

  /// The running sums of one object, in fields rather than arrays because every run adds to them.
  private struct Sums {
    var voxels = 0
    var z = 0
    var y = 0
    var x = 0
    var lowerZ = Int.max
    var lowerY = Int.max
    var lowerX = Int.max
    var upperZ = 0
    var upperY = 0
    var upperX = 0

    mutating func add(z: Int, y: Int, x: Range<Int>) {
      let length = x.count
      voxels += length
      self.z += z * length
      self.y += y * length
      // The sum of a range; the product is always even.
      self.x += (x.lowerBound + x.upperBound - 1) * length / 2
      lowerZ = min(lowerZ, z)
      lowerY = min(lowerY, y)
      lowerX = min(lowerX, x.lowerBound)
      upperZ = max(upperZ, z + 1)
      upperY = max(upperY, y + 1)
      upperX = max(upperX, x.upperBound)
    }
  }

  private static func fragments<Element: ArrayElement & FixedWidthInteger>(
    _: Element.Type, _ block: NDArray, _ origin: [Int], _ classID: Int64
  ) -> [InstanceFragment] {
    let (depth, height, width) = (block.extent[0], block.extent[1], block.extent[2])
    var places: [Element: Int] = [:]
    var sums: [Sums] = []
    block.withSpan(of: Element.self) { voxels in
      var lastID: Element = 0
      var lastPlace = 0
      for z in 0..<depth {
        for y in 0..<height {
          let row = (z * height + y) * width
          var x = 0
          while x < width {
            let id = voxels[row + x]
            let start = x
            x += 1
            while x < width && voxels[row + x] == id { x += 1 }
            if id == 0 { continue }
            if id != lastID {
              lastID = id
              if let place = places[id] {
                lastPlace = place
              } else {
                lastPlace = sums.count
                places[id] = lastPlace
                sums.append(Sums())
              }
            }
            sums[lastPlace].add(z: origin[0] + z, y: origin[1] + y, x: origin[2] + start..<origin[2] + x)
          }
        }
      }
    }
    return places.map { id, place in
      let sum = sums[place]
      return InstanceFragment(
        instance: UInt64(truncatingIfNeeded: id), classID: classID, voxels: sum.voxels,
        box: Box(
          lower: [sum.lowerZ, sum.lowerY, sum.lowerX], upper: [sum.upperZ, sum.upperY, sum.upperX]),
        sums: [sum.z, sum.y, sum.x])
    }.sorted { $0.instance < $1.instance }
  }
}
