// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import Testing

@testable import Catalog

/// A folder that goes when the test ends, with a catalog in it.
final class Scratch {
  let folder: String
  let catalog: Catalog

  init(journal: JournalMode = .wal) throws {
    folder = NSTemporaryDirectory() + "vemdb-catalog-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    catalog = try Catalog.create(at: folder + "/catalog.sqlite", journal: journal)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var path: String { folder + "/catalog.sqlite" }

  /// A volume `tissue/name` of 8³ voxels in chunks of 2³ and shards of 2×4×4.
  func volume(_ name: String = "em", kind: VolumeKind = .image) throws -> VolumeRecord {
    let dataset =
      try catalog.datasets().first { $0.name == "tissue" } ?? catalog.addDataset("tissue")
    return try catalog.addVolume(name, kind: kind, in: dataset.id)
  }

  func draft(_ volume: VolumeRecord, _ shape: Extent = [8, 8, 8], type: DataType = .uint8) -> VersionDraft {
    VersionDraft(
      volumeID: volume.id, dataType: type, shape: shape, voxelSize: VoxelSize(z: 50, y: 8, x: 8),
      chunk: [2, 2, 2], shard: [2, 4, 4], levels: 2, stagingPath: "staging/" + UUID().uuidString)
  }

  func commit(_ version: VersionRecord) throws -> VersionRecord {
    try catalog.setContent(hash: Hash128(high: 1, low: 2), ofVersion: version.id)
    try catalog.sealVersions([version.id])
    try catalog.commitVersions([version.id])
    return try catalog.version(version.id)
  }
}
