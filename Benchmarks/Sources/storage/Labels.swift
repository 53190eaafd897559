// SPDX-License-Identifier: Apache-2.0

import Arrays

/// Cells of 64-bit ids with slanted borders, a third of them background; the same as in `peers.py`.
func labels(_ extent: Extent) -> NDArray {
  var volume = NDArray(.uint64, extent)
  volume.withMutableSpan(of: UInt64.self) { span in
    var place = 0
    for z in 0..<extent[0] {
      for y in 0..<extent[1] {
        let row = (z / 23) * 1009 + ((y + z / 7) / 37) * 17
        for x in 0..<extent[2] {
          let cell = row + (x + y / 5) / 41
          span[place] = cell % 3 == 0 ? 0 : 9_000_000_000_000_000_000 + UInt64(cell)
          place += 1
        }
      }
    }
  }
  return volume
}
