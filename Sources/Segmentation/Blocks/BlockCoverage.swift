// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// Which voxels of a block, and of the voxels next to it, are known.
public enum BlockCoverage: Sendable {
  /// All of them.
  case whole
  /// 1 where a voxel of the block, widened by one voxel on all sides, is known, else 0; in C order.
  case partial([UInt8])

  /// What of a block is covered by boxes; outside of them, and of the volume, nothing is known.
  public init(of block: Box, by boxes: [Box]) {
    let wide = block.expanded(by: [1, 1, 1])
    if boxes.contains(where: { $0.contains(wide) }) {
      self = .whole
      return
    }
    let strides = wide.extent.strides
    var known = [UInt8](repeating: 0, count: wide.count)
    for box in boxes {
      let part = box.intersection(wide).translated(by: wide.origin.map { -$0 })
      if part.isEmpty { continue }
      for z in part.range(0) {
        for y in part.range(1) {
          let row = z * strides[0] + y * strides[1]
          for x in part.range(2) { known[row + x] = 1 }
        }
      }
    }
    self = known.contains(0) ? .partial(known) : .whole
  }

  /// Calls `body` with the ordinal in the block and the place in the wide array, row by row.
  static func forEachRow(_ extent: Extent, _ body: (_ inBlock: Int, _ inWide: Int) -> Void) {
    let (height, width) = (extent[1] + 2, extent[2] + 2)
    for z in 0..<extent[0] {
      for y in 0..<extent[1] {
        body((z * extent[1] + y) * extent[2], ((z + 1) * height + y + 1) * width + 1)
      }
    }
  }

  /// Whether a block's voxels are known, in C order; `nil` if all are.
  func inside(_ extent: Extent) -> [UInt8]? {
    guard case .partial(let known) = self else { return nil }
    var result = [UInt8](repeating: 0, count: extent.count)
    Self.forEachRow(extent) { row, wide in
      for x in 0..<extent[2] { result[row + x] = known[wide + x] }
    }
    return result
  }
}
