// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog

extension ShardScan {
  /// The hash of an array's elements.
  static func hash(of array: NDArray) -> Hash128 {
    // SAFETY: the bytes live for the call.
    unsafe array.withBytes { unsafe Hash128(of: $0) }
  }

  /// How often each value occurs among 8-bit elements.
  ///
  /// Four tables in turn, because equal neighbours would wait for each other's count in one.
  static func countBytes(_ array: NDArray) -> [Int] {
    var tables = [Int](repeating: 0, count: 4 * 256)
    // SAFETY: places are below the element count, and a byte beside one of four multiples of 256 is
    // below the 1024 counts of the tables.
    unsafe array.withBytes { bytes in
      unsafe tables.withUnsafeMutableBufferPointer { counts in
        guard let base = bytes.baseAddress, let table = counts.baseAddress else { return }
        let voxels = unsafe base.assumingMemoryBound(to: UInt8.self)
        var place = 0
        while place + 4 <= bytes.count {
          unsafe table[Int(voxels[place])] &+= 1
          unsafe table[256 &+ Int(voxels[place &+ 1])] &+= 1
          unsafe table[512 &+ Int(voxels[place &+ 2])] &+= 1
          unsafe table[768 &+ Int(voxels[place &+ 3])] &+= 1
          place &+= 4
        }
        while place < bytes.count {
          unsafe table[Int(voxels[place])] &+= 1
          place &+= 1
        }
      }
    }
    return (0..<256).map { tables[$0] + tables[256 + $0] + tables[512 + $0] + tables[768 + $0] }
  }
}
