// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Networks
import Runs
import VolumeDatabase

/// A database with small images of blobs and their labels.
final class TrainingFixture {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("training-\(UUID())").path
  let database: VolumeDatabase

  init() throws {
    database = try VolumeDatabase.create(at: path)
    try database.addDataset("d", DatasetFacts())
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A grey value that tells its position, with bright blobs; 255 in the labels where there is a blob.
  static func isBlob(_ z: Int, _ y: Int, _ x: Int) -> Bool {
    let (dy, dx) = (y % 24 - 12, x % 24 - 12)
    return dy * dy + dx * dx < 36
  }

  static func grey(_ z: Int, _ y: Int, _ x: Int) -> UInt8 {
    UInt8((isBlob(z, y, x) ? 150 : 40) + (z * 7 + y * 3 + x * 5) % 60)
  }

  /// - Parameters:
  ///   - slices: The slices that there are; all by default.
  ///   - first: What its first slice would be in an image that begins with slice 0.
  func addImage(
    _ name: String = "em", shape: Extent = [16, 48, 64],
    voxelSize: VoxelSize = VoxelSize(z: 10, y: 10, x: 10), slices: [Range<Int>]? = nil, first: Int = 0
  ) throws {
    var specification = VersionSpecification(
      volume: try reference(name), kind: .image, dataType: .uint8, shape: shape,
      voxelSize: voxelSize)
    specification.chunk = [8, 16, 16]
    specification.shard = [8, 64, 64]
    let slices = slices ?? [0..<shape[0]]
    let covered = slices.map {
      Box(lower: [$0.lowerBound, 0, 0], upper: [$0.upperBound, shape[1], shape[2]])
    }
    try write(specification, coverage: covered.map { CoverageBox($0) }) { z, y, x in
      slices.contains { $0.contains(z) } ? Self.grey(first + z, y, x) : 0
    }
  }

  /// Labels of the blobs, covered in `boxes` alone.
  func addLabels(
    _ name: String = "mito", image: String = "em", shape: Extent = [16, 48, 64],
    voxelSize: VoxelSize = VoxelSize(z: 10, y: 10, x: 10), className: String = "mito",
    covering boxes: [Box]? = nil
  ) throws {
    var specification = VersionSpecification(
      volume: try reference(name), kind: .label, dataType: .uint8, shape: shape,
      voxelSize: voxelSize)
    specification.chunk = [8, 16, 16]
    specification.shard = [8, 64, 64]
    specification.classes = [.semantic(className, value: 255)]
    specification.image = VersionReference(volume: try reference(image))
    let record = try database.catalog.classNamed(className)
    let covered = boxes ?? [Box(shape)]
    try write(specification, coverage: covered.map { CoverageBox($0, classID: record.id) }) { z, y, x in
      let isCovered = covered.contains {
        $0.contains(Box(origin: [z, y, x], extent: [1, 1, 1]))
      }
      return isCovered && Self.isBlob(z, y, x) ? 255 : 0
    }
  }

  /// A name of the dataset `d`, or one with its own dataset.
  private func reference(_ name: String) throws -> VolumeReference {
    try VolumeReference(parsing: name.contains("/") ? name : "d/\(name)")
  }

  private func write(
    _ specification: VersionSpecification, coverage: [CoverageBox], _ value: (Int, Int, Int) -> UInt8
  ) throws {
    let writer = try VersionWriter(specification, in: database)
    for layer in 0..<writer.layerCount {
      let box = writer.box(ofLayer: layer)
      let values = box.positions.map { value($0[0], $0[1], $0[2]) }
      try writer.writeLayer(NDArray(values, box.extent), layer: layer)
    }
    try writer.finish(coveredBy: coverage)
    try database.commit([writer])
  }

  /// A request that takes a second.
  func request(_ model: String = "m", pairs: [String] = ["d/em,d/mito"], steps: Int = 4) -> TrainingRequest {
    var request = TrainingRequest(model: model, pairs: pairs, classes: ["mito"])
    request.steps = steps
    request.patch = [4, 16, 16]
    request.threads = 1
    request.seed = 5
    request.validateEvery = 2
    return request
  }

  func weights(_ model: String) throws -> Parameters {
    try ModelStore.open(ModelReference(parsing: model), in: database).weights
  }
}

/// Asks the run to stop after some steps.
final class StoppingProgress: ProgressReporter {
  let cancellation = CancellationFlag()
  private let after: Int

  init(after: Int) { self.after = after }

  func begin(_ stage: ProgressStage) {}
  func advance(to done: Int, detail: String?) { if done == after { cancellation.cancel() } }
  func end() {}
  func note(_ line: String) {}
}
