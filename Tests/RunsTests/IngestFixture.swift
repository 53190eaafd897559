// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import ImageFiles
import Runs
import Synchronization
import TestData
import VolumeDatabase

/// A database and a folder of slices beside it.
final class IngestFixture {
  let folder = try? TemporaryFolder()
  let database: VolumeDatabase
  let path: String

  /// Rows and columns of every slice.
  let size: Extent = [48, 40]

  init() throws {
    guard let folder else { throw CocoaError(.fileNoSuchFile) }
    path = folder("lab.vemdb").path
    database = try VolumeDatabase.create(at: path)
  }

  /// What a voxel of the image with a number in its name is.
  static func grey(_ number: Int, _ y: Int, _ x: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: number * 31 + y * 7 + x * 3)
  }

  /// Writes one slice as a PNG and returns its path.
  @discardableResult
  func write(_ name: String, size: Extent? = nil, _ voxel: (Int, Int) -> UInt8) throws -> String {
    let size = size ?? self.size
    guard let folder else { throw CocoaError(.fileNoSuchFile) }
    let file = folder(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let voxels = (0..<size.count).map { voxel($0 / size[1], $0 % size[1]) }
    try PNGWriter.write(NDArray(voxels, size), to: file.path)
    return file.path
  }

  /// Writes the slices of an image with these numbers and returns their paths.
  @discardableResult
  func writeImage(_ numbers: some Sequence<Int>, folder: String = "em") throws -> [String] {
    try numbers.map { number in
      try write("\(folder)/z\(number).png") { Self.grey(number, $0, $1) }
    }
  }

  /// A run with small chunks: layers are four slices deep.
  func run(_ kind: VolumeKind, _ volume: String, _ paths: [String]) throws -> IngestRun {
    var run = IngestRun(kind, into: try VolumeReference(parsing: volume), from: paths)
    run.chunk = [4, 16, 16]
    run.shard = [4, 32, 32]
    return run
  }

  /// Ingests an image of slices with these numbers.
  @discardableResult
  func ingestImage(
    _ numbers: some Sequence<Int>, volume: String = "d/em", allowGaps: Bool = false
  ) throws -> IngestRun.Outcome {
    var run = try run(.image, volume, try writeImage(numbers, folder: "files-\(volume)"))
    run.voxelSize = VoxelSize(z: 50, y: 8, x: 8)
    run.allowGaps = allowGaps
    return try run.start(in: database)
  }

  /// The voxels of a volume's latest version.
  func voxels(_ volume: String, level: Int = 0) throws -> NDArray {
    let version = try database.version(try VersionReference(parsing: volume))
    return try version.read(
      Box(
        level == 0 ? version.record.shape : version.levelPlan.shape(of: level, volume: version.record.shape)),
      level: level)
  }

  /// Everything that a person can find in the database: volumes, versions, runs, and what lies in the
  /// folders of volumes and staging.
  func traces() throws -> [String] {
    let catalog = database.catalog
    let files = FileManager.default.enumerator(atPath: path)?.allObjects.compactMap { "\($0)" } ?? []
    return try catalog.datasets().map(\.name) + catalog.volumes().map(\.reference)
      + catalog.runs().map(\.reference)
      + files.filter { !$0.hasPrefix("catalog.sqlite") }.sorted()
  }
}

/// Raises a flag once so many slices are done.
final class StoppingIngest: ProgressReporter {
  let flag = CancellationFlag()
  private let limit: Int
  private let isIngesting = Mutex(false)

  init(after limit: Int) { self.limit = limit }

  func begin(_ stage: ProgressStage) {
    isIngesting.withLock { $0 = stage.title.hasPrefix("ingesting") }
  }

  func advance(to done: Int, detail: String?) {
    if isIngesting.withLock({ $0 }) && done >= limit { flag.cancel() }
  }

  func end() {}
  func note(_ line: String) {}
}
