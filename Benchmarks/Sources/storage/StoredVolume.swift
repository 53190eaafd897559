// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import Zarr

/// A volume and the array that it is written to: shards of 256³ voxels, chunks of 64³, Zstandard level 1
/// without checksums.
struct StoredVolume {
  let volume: NDArray
  let folder: URL
  let threads: Int

  var mebibytes: Double { Double(volume.byteCount) / 0x1p20 }

  static func create(_ shape: Extent, _ type: DataType, in folder: URL) throws -> ZarrArray {
    try? FileManager.default.removeItem(at: folder)
    return try ZarrArray.create(
      .sharded(
        shape: shape, dataType: type, chunk: [64, 64, 64], shard: [256, 256, 256], zstdLevel: 1,
        checksum: false), at: "", in: LocalStore(path: folder.path))
  }

  func write() throws {
    try Self.create(volume.extent, volume.dataType, in: folder).write(
      volume, at: [0, 0, 0], threads: threads)
  }

  func opened() throws -> ZarrArray { try ZarrArray(opening: "", in: LocalStore(path: folder.path)) }

  /// Writes, reads and cuts out, and prints how fast that was.
  func measure(_ name: String) throws {
    var work = [processorSeconds()]
    let write = try best(3) { try self.write() }
    work.append(processorSeconds())
    let array = try opened()
    let read = try best(3) { _ = try array.read(Box(array.shape), threads: threads) }
    work.append(processorSeconds())
    let peak = peakMemory()
    guard try array.read(Box(array.shape), threads: threads) == volume else {
      print("the volume reads otherwise than it was written")
      exit(1)
    }
    work.append(processorSeconds())
    let cutout = try cutoutSeconds(array, threads: threads)
    work.append(processorSeconds())
    report(
      name,
      "write \(field(mebibytes / write, 7, 0)) MiB/s  read \(field(mebibytes / read, 7, 0)) MiB/s"
        + "  96^3 cutout \(field(cutout * 1e3, 6, 2)) ms")
    print(
      "processor time: write \(field((work[1] - work[0]) / 3 * 1e3, 0, 0)) ms, read"
        + " \(field((work[2] - work[1]) / 3 * 1e3, 0, 0)) ms, cutout"
        + " \(field((work[4] - work[3]) / 200 * 1e3, 0, 2)) ms;"
        + " ratio \(field(Double(volume.byteCount) / Double(try storedBytes()), 0, 3));"
        + " peak memory \(field(peak, 0, 0)) MiB")
  }

  /// The mean time of slices across each axis.
  func measureSlices() throws {
    try write()
    let array = try opened()
    var random = SplitMix64(state: 3)
    let means = try (0..<3).map { axis in
      let boxes = (0..<12).map { _ in
        var (origin, extent) = ([0, 0, 0], array.shape.sizes)
        origin[axis] = Int.random(in: 0..<extent[axis], using: &random)
        extent[axis] = 1
        return Box(origin: origin, extent: Extent(extent))
      }
      return try seconds { for box in boxes { _ = try array.read(box, threads: threads) } } / 12
    }
    report(
      "vemdb slices",
      "xy \(field(means[0] * 1e3, 6, 2)) ms  xz \(field(means[1] * 1e3, 6, 2)) ms"
        + "  yz \(field(means[2] * 1e3, 6, 2)) ms")
  }

  /// Writes so that a power cut loses nothing.
  func measureDurable() throws {
    let plain = try best(3) { try write() }
    let durable = try best(3) {
      try write()
      let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      for path in names.map({ folder.appendingPathComponent($0).path }) + [folder.path] {
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0, fsync(descriptor) == 0 else { throw CocoaError(.fileWriteUnknown) }
        close(descriptor)
      }
    }
    report(
      "vemdb durable",
      "write \(field(mebibytes / durable, 7, 0)) MiB/s, without fsync \(field(mebibytes / plain, 7, 0)) MiB/s"
    )
  }

  private func storedBytes() throws -> Int {
    let store = LocalStore(path: folder.path)
    return try store.list("c/").reduce(0) { $0 + (try store.size(of: $1) ?? 0) }
  }
}

/// The mean time of 200 boxes of 96³ voxels at random places.
func cutoutSeconds(_ array: ZarrArray, threads: Int) throws -> Double {
  var random = SplitMix64(state: 1)
  let boxes = (0..<200).map { _ in
    Box(
      origin: (0..<3).map { Int.random(in: 0..<(array.shape[$0] - 96), using: &random) },
      extent: [96, 96, 96])
  }
  return try seconds { for box in boxes { _ = try array.read(box, threads: threads) } } / 200
}
