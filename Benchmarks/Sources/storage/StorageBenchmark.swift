// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles
import Zarr

/// How fast a sharded, Zstandard-compressed array of EM texture is written and read.
///
///     storage [RAW.tif [FOLDER [MIB [THREADS]]]]
///
/// The volume is RAW.tif laid side by side, each tile flipped along its axes at random; without it, a
/// texture made by the program that compresses about as little. Shards are 256³, chunks 64³, one byte a
/// voxel, Zstandard level 1 without checksums: what other programs are measured by. Nothing waits for the
/// disk.
@main
struct StorageBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let texture = try arguments.first.map { try Texture(path: $0) } ?? Texture.synthetic()
    let own = FileManager.default.temporaryDirectory.appendingPathComponent("vemdb-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: own) }
    let folder = arguments.dropFirst().first.map { URL(fileURLWithPath: $0) } ?? own
    let size = arguments.dropFirst(2).first.flatMap { Int($0) } ?? 400
    let threads = arguments.dropFirst(3).first.flatMap { Int($0) }
    let side = max(256, Int((Double(size << 20) / 256).squareRoot()) / 256 * 256)
    let benchmark = StorageBenchmark(
      volume: texture.volume([256, side, side]), folder: folder.appendingPathComponent("vemdb.zarr"),
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
    try benchmark.run()
  }

  let volume: NDArray
  let folder: URL
  let threads: Int

  func run() throws {
    let mebibytes = Double(volume.byteCount) / 0x1p20
    var work = [processorSeconds()]
    let write = try best(3) { try writeAll() }
    work.append(processorSeconds())
    let array = try ZarrArray(opening: "", in: LocalStore(path: folder.path))
    let read = try best(3) { _ = try array.read(Box(array.shape), threads: threads) }
    work.append(processorSeconds())
    guard try array.read(Box(array.shape), threads: threads) == volume else {
      print("the volume reads otherwise than it was written")
      exit(1)
    }
    work.append(processorSeconds())
    let cutout = try cutoutSeconds(array)
    work.append(processorSeconds())
    print(
      "vemdb".padding(toLength: 14, withPad: " ", startingAt: 0),
      String(
        format: "write %7.0f MiB/s  read %7.0f MiB/s  96^3 cutout %6.2f ms", mebibytes / write,
        mebibytes / read, cutout * 1e3))
    print(
      String(
        format: "processor time: write %.0f ms, read %.0f ms, cutout %.2f ms", (work[1] - work[0]) / 3 * 1e3,
        (work[2] - work[1]) / 3 * 1e3, (work[4] - work[3]) / 200 * 1e3))
    print("ratio \(String(format: "%.3f", Double(volume.byteCount) / Double(try storedBytes())))")
  }

  private func writeAll() throws {
    try? FileManager.default.removeItem(at: folder)
    let array = try ZarrArray.create(
      .sharded(
        shape: volume.extent, dataType: .uint8, chunk: [64, 64, 64], shard: [256, 256, 256], zstdLevel: 1,
        checksum: false), at: "", in: LocalStore(path: folder.path))
    try array.write(volume, at: [0, 0, 0], threads: threads)
  }

  /// The mean time of 200 boxes of 96³ voxels at random places.
  private func cutoutSeconds(_ array: ZarrArray) throws -> Double {
    var random = SplitMix64(state: 1)
    let boxes = (0..<200).map { _ in
      Box(
        origin: (0..<3).map { Int.random(in: 0..<(array.shape[$0] - 96), using: &random) },
        extent: [96, 96, 96])
    }
    return try seconds { for box in boxes { _ = try array.read(box, threads: threads) } } / 200
  }

  private func storedBytes() throws -> Int {
    let store = LocalStore(path: folder.path)
    return try store.list("c/").reduce(0) { $0 + (try store.size(of: $1) ?? 0) }
  }
}

/// The seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  return try clock.measure(body) / .seconds(1)
}

/// The seconds that all processors together spent on this process so far.
func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

/// The shortest of some runs.
func best(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
  var shortest = Double.infinity
  for _ in 0..<count { shortest = min(shortest, try seconds(body)) }
  return shortest
}
