// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
public import VolumeDatabase

extension QueryRequest {
  /// Answers from the catalog's coverage and statistics; only chunks that lie partly in a covered part
  /// of the region are decoded.
  ///
  /// - Throws: ``QueryError``, or what the database says: a region out of bounds, an unknown name, a
  ///   damaged shard.
  public func answer(
    from database: VolumeDatabase, progress: any ProgressReporter = SilentProgress(),
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> QueryReport {
    let wanted = try className.map { try database.catalog.classNamed($0) }
    let (grid, candidates, isNamed) = try versions(in: database)
    let box = try grid.map { version in
      try region.box(
        in: version.shape, voxelSize: version.voxelSize, origin: version.origin, of: version.reference)
    }
    var answers: [QueryReport.Version] = []
    for record in candidates {
      let version = try database.version(record)
      if let wanted, !version.classes.contains(where: { $0.classID == wanted.id }) {
        if !isNamed { continue }
        throw QueryError.noSuchClass(
          wanted.name, version: record.reference, known: version.classes.map(\.className))
      }
      let own = QueryGrid(record)
      let asked = zip(box, grid).map { own.box(covering: $0, of: QueryGrid($1)) } ?? Box(record.shape)
      let reader = RegionReader(
        version: version, catalog: database.catalog, threads: threads, progress: progress,
        cancellation: cancellation)
      let answer = try reader.answer(asked, only: wanted, listingObjects: instances)
      if isNamed || answer.coveredVoxels > 0 { answers.append(answer) }
    }
    return QueryReport(grid: grid, box: box, versions: answers)
  }

  /// Whose voxels the region counts, which versions are asked, and whether one of them was named.
  private func versions(
    in database: VolumeDatabase
  ) throws -> (grid: VersionRecord?, versions: [VersionRecord], isNamed: Bool) {
    let given = try grid.map { try database.record($0) }
    switch subject {
    case .version(let reference):
      let version = try database.record(reference)
      if version.kind != .image { return (given ?? version, [version], true) }
      let found = try latest(ofDataset: version.dataset, in: database).filter {
        try $0.imageID.map { try database.catalog.version($0).volumeID == version.volumeID } ?? true
      }
      return (given ?? version, found, false)
    case .dataset(let name):
      let found = try latest(ofDataset: name, in: database)
      if let given { return (given, try found.filter { try belongs($0, to: given, in: database) }, false) }
      let dataset = try database.catalog.dataset(named: name)
      let images = try database.catalog.volumes(ofDataset: dataset.id, kind: .image).compactMap {
        try database.catalog.latestVersion(ofVolume: $0.id)
      }
      if images.count == 1 { return (images[0], found, false) }
      if region == .all { return (nil, found, false) }
      if images.isEmpty { throw QueryError.noGrid(dataset: dataset.name) }
      throw QueryError.ambiguousGrid(
        dataset: dataset.name, images: images.map { "\($0.dataset)/\($0.volume)" })
    case .model, .run: throw QueryError.noVoxels("\(subject)")
    }
  }

  /// The latest committed version of every volume of a dataset that is of one of the kinds.
  private func latest(ofDataset name: String, in database: VolumeDatabase) throws -> [VersionRecord] {
    let dataset = try database.catalog.dataset(named: name)
    return try database.catalog.volumes(ofDataset: dataset.id).filter { kinds.contains($0.kind) }
      .compactMap { try database.catalog.latestVersion(ofVolume: $0.id) }
  }

  /// Whether a version lies over the same image as the one whose voxels are counted.
  private func belongs(
    _ version: VersionRecord, to grid: VersionRecord, in database: VolumeDatabase
  ) throws -> Bool {
    guard let image = version.imageID,
      let other = grid.kind == .image ? grid.id : grid.imageID
    else { return true }
    return try database.catalog.version(image).volumeID == database.catalog.version(other).volumeID
  }
}

/// Both, or nothing.
private func zip<First, Second>(_ first: First?, _ second: Second?) -> (First, Second)? {
  guard let first, let second else { return nil }
  return (first, second)
}
