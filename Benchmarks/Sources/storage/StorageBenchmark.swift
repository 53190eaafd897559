// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation

/// How fast a sharded, Zstandard-compressed array is written and read.
///
///     storage [RAW.tif [FOLDER [MIB [THREADS [CASE …]]]]]
///
/// The volume is RAW.tif laid side by side, each tile flipped along its axes at random; without it (or with
/// `-`), a texture made by the program that compresses about as little. Shards are 256³, chunks 64³, one byte
/// a voxel, Zstandard level 1 without checksums: what other programs are measured by. Nothing waits for the
/// disk but the case `durable`. The cases are those of ``Case``; without any it is `image`.
@main
struct StorageBenchmark {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    func argument(_ number: Int) -> String? { number < arguments.count ? arguments[number] : nil }
    let own = FileManager.default.temporaryDirectory.appendingPathComponent("vemdb-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: own) }
    let folder = argument(1).map { URL(fileURLWithPath: $0) } ?? own
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let size = argument(2).flatMap { Int($0) } ?? 400
    let threads = argument(3).flatMap { Int($0) } ?? ProcessInfo.processInfo.activeProcessorCount
    let cases = arguments.dropFirst(4).map { name in
      guard let one = Case(rawValue: name) else {
        print("there is no case '\(name)'; choose from \(Case.allCases.map(\.rawValue))")
        exit(2)
      }
      return one
    }
    let texture = try argument(0).flatMap { $0 == "-" ? nil : try Texture(path: $0) } ?? Texture.synthetic()
    let benchmark = StorageBenchmark(
      texture: texture, folder: folder.appendingPathComponent("vemdb.zarr"), size: size, threads: threads)
    for one in cases.isEmpty ? [.image] : cases { try benchmark.run(one) }
    try? FileManager.default.removeItem(at: benchmark.folder)
  }

  let texture: Texture
  let folder: URL
  /// In MiB.
  let size: Int
  let threads: Int

  private func run(_ one: Case) throws {
    if one == .growth {
      return try measureGrowth(texture, side: side(1, 256), in: folder, threads: threads)
    }
    let extent: Extent =
      one == .labels ? [256, side(8, 64), side(8, 64)] : [256, side(1, 256), side(1, 256)]
    let stored = StoredVolume(
      volume: one == .labels ? labels(extent) : texture.volume(extent), folder: folder, threads: threads)
    switch one {
    case .image: try stored.measure("vemdb")
    case .labels: try stored.measure("vemdb labels")
    case .slices: try stored.measureSlices()
    case .durable: try stored.measureDurable()
    case .ceilings:
      try Ceilings(volume: stored.volume, folder: folder.deletingLastPathComponent(), threads: threads).run()
    case .growth: break
    }
  }

  /// The edge in y and x of a volume of the wanted size that is 256 deep: a multiple of `step`.
  private func side(_ elementBytes: Int, _ step: Int) -> Int {
    max(256, Int((Double(size << 20) / Double(256 * elementBytes)).squareRoot()) / step * step)
  }
}
