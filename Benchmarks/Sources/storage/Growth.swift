// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import Zarr

/// Writes and reads an array band by band, each as deep as it and one shard high.
func measureGrowth(_ texture: Texture, side: Int, in folder: URL, threads: Int) throws {
  let array = try StoredVolume.create([256, side, side], .uint8, in: folder)
  let band = texture.volume([256, 256, side])
  let origins = stride(from: 0, to: side, by: 256).map { [0, $0, 0] }
  let write = try seconds { for origin in origins { try array.write(band, at: origin, threads: threads) } }
  let read = try seconds {
    for origin in origins { _ = try array.read(Box(origin: origin, extent: band.extent), threads: threads) }
  }
  let cutout = try cutoutSeconds(array, threads: threads)
  let mebibytes = Double(256 * side * side) / 0x1p20
  report(
    "vemdb \(field(mebibytes / 1024, 0, 1)) GiB",
    "write \(field(mebibytes / write, 7, 0)) MiB/s  read \(field(mebibytes / read, 7, 0)) MiB/s"
      + "  96^3 cutout \(field(cutout * 1e3, 6, 2)) ms  peak memory \(field(peakMemory(), 0, 0)) MiB")
}
