// SPDX-License-Identifier: Apache-2.0

internal import Arrays
internal import Foundation
internal import GRDB

extension Catalog {
  /// Reserves the next number of a volume for a version that is about to be written.
  ///
  /// The number is never given again, whatever becomes of the version.
  ///
  /// - Returns: The version in state ``VersionState/staging``.
  public func reserveVersion(_ draft: VersionDraft) throws(CatalogError) -> VersionRecord {
    try write { database in
      try database.execute(
        sql: "UPDATE volume SET next_number = next_number + 1 WHERE id = ?", arguments: [draft.volumeID])
      let volume = try Row.fetchOne(
        database,
        sql: """
          SELECT o.next_number - 1 AS number, o.name AS volume, d.name AS dataset
          FROM volume o JOIN dataset d ON d.id = o.dataset_id WHERE o.id = ?
          """, arguments: [draft.volumeID])
      guard let volume else { throw CatalogError.unknown("\(draft.volumeID)", of: "volume") }
      let number: Int = volume["number"]
      return try insert(
        draft, number: number,
        path: "volumes/\(volume["dataset"] as String)/\(volume["volume"] as String)/\(number)",
        into: database)
    }
  }

  /// Enters what is known of the voxels once they are all written; the version is staging.
  public func setContent(
    hash: Hash128, histogram: ValueHistogram? = nil, displayRange: ClosedRange<Double>? = nil,
    ofVersion id: Int64
  ) throws(CatalogError) {
    try write { database in
      try Catalog.check(database, [id], are: .staging)
      let text = try histogram.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
      try database.execute(
        sql: """
          UPDATE version SET content_hash = ?, histogram = ?, display_minimum = ?, display_maximum = ?
          WHERE id = ?
          """,
        arguments: [hash.data, text, displayRange?.lowerBound, displayRange?.upperBound, id])
    }
  }

  /// Marks versions, and versions of models, as complete and safe on disk: all of them or none.
  ///
  /// - Throws: ``CatalogError/wrongState(_:is:mustBe:)`` if one is not staging,
  ///   ``CatalogError/unhashed(_:)`` if the hash of its content is missing.
  public func sealVersions(_ ids: [Int64], modelVersions: [Int64] = []) throws(CatalogError) {
    try write { database in
      try Catalog.check(database, ids, are: .staging)
      try Catalog.check(database, models: modelVersions, are: .staging)
      for id in ids {
        let version = try Catalog.version(database, id)
        if version.contentHash == nil { throw CatalogError.unhashed(version.reference) }
        try database.execute(sql: "UPDATE version SET state = 'sealed' WHERE id = ?", arguments: [id])
      }
      for id in modelVersions {
        let model = try Catalog.modelVersion(database, id)
        if model.weightsHash == nil { throw CatalogError.unhashed(model.reference) }
        try database.execute(sql: "UPDATE model_version SET state = 'sealed' WHERE id = ?", arguments: [id])
      }
    }
  }

  /// Marks sealed versions as being in their place, all of them or none, and ends the runs that made them:
  /// nothing is left that such a run could be resumed for, even if it died before it could say so.
  ///
  /// - Parameter moment: When they were committed.
  /// - Throws: ``CatalogError/wrongState(_:is:mustBe:)`` if one is not sealed.
  public func commitVersions(
    _ ids: [Int64], modelVersions: [Int64] = [], at moment: Timestamp = .now
  ) throws(CatalogError) {
    try write { database in
      try Catalog.check(database, ids, are: .sealed)
      try Catalog.check(database, models: modelVersions, are: .sealed)
      let now = moment.rawValue
      for (table, keys) in [("version", ids), ("model_version", modelVersions)] {
        for key in keys {
          try database.execute(
            sql: """
              UPDATE \(table) SET state = 'committed', staging_path = NULL, committed_at = ? WHERE id = ?
              """, arguments: [now, key])
          try database.execute(
            sql: """
              UPDATE run SET state = 'done', ended_at = ?, error = NULL
              WHERE id = (SELECT run_id FROM \(table) WHERE id = ?)
              """, arguments: [now, key])
        }
      }
    }
  }

  /// Forgets versions that were never committed, with their rows and the shards that only they have.
  ///
  /// - Throws: ``CatalogError/wrongState(_:is:mustBe:)`` if one is committed or retired.
  public func abandonVersions(_ ids: [Int64]) throws(CatalogError) {
    try write { database in
      for id in ids {
        let version = try Catalog.version(database, id)
        guard [.staging, .sealed].contains(version.state) else {
          throw CatalogError.wrongState(version.reference, is: version.state.rawValue, mustBe: "uncommitted")
        }
        try Catalog.forget(database, version: id)
      }
    }
  }

  func insert(
    _ draft: VersionDraft, number: Int, path: String, createdAt: Timestamp = .now, into database: Database
  ) throws -> VersionRecord {
    var arguments: StatementArguments = [
      draft.uuid ?? newUUID(), draft.volumeID, number, draft.parentID, draft.imageID, draft.runID,
      draft.dataType.rawValue, draft.levels, draft.valueScale, path, draft.stagingPath, draft.note,
      createdAt.rawValue,
    ]
    arguments += StatementArguments(draft.shape.sizes + draft.chunk.sizes + draft.shard.sizes)
    arguments += StatementArguments(draft.voxelSize.nanometres + draft.origin)
    try database.execute(
      sql: """
        INSERT INTO version (uuid, volume_id, number, parent_id, image_id, run_id, data_type, levels,
          value_scale, path, staging_path, note, created_at, shape_z, shape_y, shape_x,
          chunk_z, chunk_y, chunk_x, shard_z, shard_y, shard_x, voxel_z_nm, voxel_y_nm, voxel_x_nm,
          origin_z_nm, origin_y_nm, origin_x_nm)
        VALUES (\(Array(repeating: "?", count: 28).joined(separator: ", ")))
        """, arguments: arguments)
    return try Catalog.version(database, database.lastInsertedRowID)
  }

  static func check(_ database: Database, _ ids: [Int64], are state: VersionState) throws {
    for id in ids {
      let version = try version(database, id)
      if version.state != state {
        throw CatalogError.wrongState(version.reference, is: version.state.rawValue, mustBe: state.rawValue)
      }
    }
  }

  private static func check(_ database: Database, models ids: [Int64], are state: VersionState) throws {
    for id in ids {
      let model = try modelVersion(database, id)
      if model.state != state {
        throw CatalogError.wrongState(model.reference, is: model.state.rawValue, mustBe: state.rawValue)
      }
    }
  }

  private static func forget(_ database: Database, version id: Int64) throws {
    try forgetShards(database, version: id)
    try database.execute(sql: "DELETE FROM version WHERE id = ?", arguments: [id])
  }

  /// Takes its shards from a version, and forgets those that no other has.
  static func forgetShards(_ database: Database, version id: Int64) throws {
    let shards = try Int64.fetchAll(
      database, sql: "SELECT shard_id FROM version_shard WHERE version_id = ?", arguments: [id])
    try database.execute(sql: "DELETE FROM version_shard WHERE version_id = ?", arguments: [id])
    for shard in shards {
      try database.execute(
        sql: """
          DELETE FROM shard WHERE id = ?1
            AND NOT EXISTS (SELECT 1 FROM version_shard h WHERE h.shard_id = ?1)
          """, arguments: [shard])
    }
  }
}
