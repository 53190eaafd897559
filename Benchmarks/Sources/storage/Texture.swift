// SPDX-License-Identifier: Apache-2.0

import Arrays
import ImageFiles

/// A small volume of gray voxels from which large ones of the same texture are made.
struct Texture {
  private let tile: NDArray

  init(path: String) throws {
    let stack = try SliceStack(opening: [path])
    guard stack.dataType == .uint8 else { throw TextureError.notGray(path) }
    var tile = NDArray(.uint8, stack.extent)
    for slice in 0..<stack.extent[0] {
      let plane = try stack.readSlice(slice)
      let slab = plane.reshaped(Extent([1] + plane.extent.sizes))
      tile.copy(Box(slab.extent), of: slab, to: [slice, 0, 0])
    }
    self.tile = tile
  }

  /// Slow waves with noise whose bytes carry about 6.7 bits each, as those of FIB-SEM do.
  static func synthetic() -> Texture {
    let extent: Extent = [56, 448, 512]
    var random = SplitMix64(state: 2)
    var elements: [UInt8] = []
    elements.reserveCapacity(extent.count)
    for z in 0..<extent[0] {
      for y in 0..<extent[1] {
        for x in 0..<extent[2] {
          let bits = random.next()
          let noise = Int(bits & 31) + Int(bits >> 8 & 31) + Int(bits >> 16 & 31) + Int(bits >> 24 & 31)
          // A triangle wave of period 128 along each axis.
          let wave = [z, y, x].reduce(0) { $0 + abs($1 % 128 - 64) }
          elements.append(UInt8(noise + wave / 2 + 16))
        }
      }
    }
    return Texture(tile: NDArray(elements, extent))
  }

  private init(tile: NDArray) { self.tile = tile }

  /// Tiles side by side, each flipped along its axes at random.
  func volume(_ extent: Extent) -> NDArray {
    var random = SplitMix64(state: 0)
    let flips = (0..<8).map { flipped($0) }
    var volume = NDArray(.uint8, extent)
    let grid = ChunkGrid(shape: extent, chunk: tile.extent)
    for index in Box(grid.counts).positions {
      let box = grid.box(at: index)
      volume.copy(Box(box.extent), of: flips[Int(random.next() & 7)], to: box.origin)
    }
    return volume
  }

  /// The tile turned around along each axis whose bit is set.
  private func flipped(_ bits: Int) -> NDArray {
    let extent = tile.extent
    let elements = tile.elements(as: UInt8.self)
    func places(_ axis: Int) -> [Int] {
      let places = Array(0..<extent[axis])
      return bits >> axis & 1 == 1 ? places.reversed() : places
    }
    var result: [UInt8] = []
    result.reserveCapacity(elements.count)
    let columns = places(2)
    for z in places(0) {
      for y in places(1) {
        let row = (z * extent[1] + y) * extent[2]
        for x in columns { result.append(elements[row + x]) }
      }
    }
    return NDArray(result, extent)
  }
}

enum TextureError: Error, CustomStringConvertible {
  case notGray(String)

  var description: String {
    switch self {
    case .notGray(let path): "'\(path)' is no image of 8-bit gray voxels"
    }
  }
}

/// Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
