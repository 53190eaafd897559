// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog

@testable import VolumeDatabase

/// A database in a folder of its own, with a dataset `d`.
struct Fixture {
  let folder: TemporaryFolder
  let database: VolumeDatabase

  var path: String { "\(folder.path)/lab.vemdb" }

  init(interruption: VolumeDatabase.Interruption? = nil) throws {
    folder = try TemporaryFolder()
    database = try VolumeDatabase.create(
      at: "\(folder.path)/lab.vemdb", journal: nil, interruption: interruption)
    try database.addDataset("d", DatasetFacts(tissue: "liver"))
  }

  func reopened(_ access: VolumeDatabase.Access = .writing) throws -> VolumeDatabase {
    try VolumeDatabase(opening: path, access: access)
  }

  /// An image of 20 × 300 × 520 voxels of 40 × 10 × 10 nm, small chunks so that there are many shards.
  static func image(_ name: String = "d/em", shape: Extent = [20, 300, 520]) throws -> VersionSpecification {
    var specification = VersionSpecification(
      volume: try VolumeReference(parsing: name), kind: .image, dataType: .uint8, shape: shape,
      voxelSize: VoxelSize(z: 40, y: 10, x: 10))
    specification.chunk = [8, 32, 32]
    specification.shard = [8, 128, 128]
    return specification
  }

  /// Labels beside such an image.
  static func labels(
    _ name: String = "d/mito", _ type: DataType = .uint8, shape: Extent = [20, 300, 520],
    classes: [ClassAssignment] = [.semantic("mito", value: 255)]
  ) throws -> VersionSpecification {
    var specification = try image(name, shape: shape)
    specification.kind = .label
    specification.dataType = type
    specification.classes = classes
    return specification
  }
}

/// Voxels by a function of their position.
func voxels<Element: ArrayElement>(_ box: Box, _ value: ([Int]) -> Element) -> NDArray {
  var elements: [Element] = []
  elements.reserveCapacity(box.count)
  var position = box.origin
  for z in box.range(0) {
    position[0] = z
    for y in box.range(1) {
      position[1] = y
      for x in box.range(2) {
        position[2] = x
        elements.append(value(position))
      }
    }
  }
  return NDArray(elements, box.extent)
}

/// A texture that does not repeat and compresses like little else.
func texture(_ position: [Int]) -> UInt8 {
  var hash = UInt64(position[0] &* 73_856_093 ^ position[1] &* 19_349_663 ^ position[2] &* 83_492_791)
  hash ^= hash >> 15
  hash &*= 0x9E37_79B9_7F4A_7C15
  return UInt8(truncatingIfNeeded: hash >> 57) &+ 40
}

extension VersionWriter {
  /// Writes all layers from a function of the position.
  func writeLayers<Element: ArrayElement>(_ value: ([Int]) -> Element) throws {
    for layer in 0..<layerCount { try writeLayer(voxels(box(ofLayer: layer), value), layer: layer) }
  }

  /// Writes all shards, last first.
  func writeShards<Element: ArrayElement>(_ value: ([Int]) -> Element) throws {
    for index in Box(shardGrid.counts).positions.reversed() {
      try writeShard(voxels(shardGrid.box(at: index), value), at: index)
    }
  }
}

extension VolumeDatabase {
  /// Writes and commits one version, covered all over.
  @discardableResult
  func add<Element: ArrayElement>(
    _ specification: VersionSpecification, _ value: ([Int]) -> Element
  ) throws -> StoredVersion {
    let writer = try VersionWriter(specification, in: self)
    try writer.writeLayers(value)
    try writer.finish(coverage: [Box(specification.shape)])
    try commit([writer])
    return try version(VersionReference(volume: specification.volume, number: writer.record.number))
  }
}
