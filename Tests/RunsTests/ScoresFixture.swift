// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import ImageFiles
import Runs
import TestData
import VolumeDatabase

/// A database for versions whose voxels are given as arrays.
struct ScoresFixture {
  let folder: TemporaryFolder
  let database: VolumeDatabase

  init() throws {
    folder = try TemporaryFolder()
    database = try VolumeDatabase.create(at: folder("lab.vemdb").path)
    try database.addDataset("d")
  }

  /// Adds a version; its coverage is all of it unless boxes are given.
  func add(
    _ name: String, _ kind: VolumeKind, _ classes: [ClassAssignment], _ voxels: NDArray,
    voxelSize: VoxelSize = VoxelSize(z: 40, y: 10, x: 10), origin: [Double] = [0, 0, 0],
    coverage: [Box]? = nil
  ) throws {
    var specification = VersionSpecification(
      volume: try VolumeReference(parsing: name), kind: kind, dataType: voxels.dataType,
      shape: voxels.extent, voxelSize: voxelSize)
    specification.classes = classes
    specification.origin = origin
    specification.chunk = [8, 32, 32]
    specification.shard = [8, 64, 64]
    if kind == .probability { specification.valueScale = 1 / 255.0 }
    let writer = try VersionWriter(specification, in: database)
    for layer in 0..<writer.layerCount {
      try writer.writeLayer(voxels.cropped(to: writer.box(ofLayer: layer)), layer: layer)
    }
    try writer.finish(coverage: coverage ?? [Box(voxels.extent)])
    try database.commit([writer])
  }

  func evaluation(_ prediction: String, _ truth: String) throws -> EvaluationRun {
    EvaluationRun(
      of: try VersionReference(parsing: prediction), against: try VersionReference(parsing: truth))
  }

  /// All slices of an image file.
  static func volume(_ path: String) throws -> NDArray {
    let stack = try SliceStack(opening: [SharedData.path(path)])
    var volume = NDArray(stack.dataType, stack.extent)
    for z in 0..<stack.extent[0] {
      let slice = try stack.readSlice(z).reshaped([1, stack.extent[1], stack.extent[2]])
      volume.copy(Box(slice.extent), of: slice, to: [z, 0, 0])
    }
    return volume
  }
}
