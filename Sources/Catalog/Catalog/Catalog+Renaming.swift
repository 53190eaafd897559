// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Gives a dataset, a volume or a model another name, and everything under it the path that goes with it.
  ///
  /// - Parameters:
  ///   - noun: ``Noun/dataset``, ``Noun/volume`` or ``Noun/model``.
  ///   - moving: Moves the files. Called in the transaction, when nothing can refuse the name any more; if it
  ///     throws, nothing has changed.
  /// - Throws: ``CatalogError/nameTaken(_:of:)``; ``CatalogError/unfinished(_:run:)`` if a version of it, or
  ///   one that was made from it, is still being written.
  public func rename(
    _ noun: Noun, _ id: Int64, to name: String, moving: () throws -> Void = {}
  ) throws(CatalogError) {
    precondition([.dataset, .volume, .model].contains(noun), "only datasets, volumes and models are renamed")
    try CatalogName.check(name, of: noun.rawValue)
    try write { database in
      let siblings = noun == .volume ? "AND dataset_id = (SELECT dataset_id FROM volume WHERE id = ?2)" : ""
      let taken = try Row.fetchOne(
        database, sql: "SELECT 1 FROM \(noun.rawValue) WHERE name = ?1 AND id <> ?2 \(siblings)",
        arguments: [name, id])
      if taken != nil { throw CatalogError.nameTaken(name, of: noun.rawValue) }
      try Catalog.checkIsFinished(database, noun, id)
      try database.execute(
        sql: "UPDATE \(noun.rawValue) SET name = ? WHERE id = ?", arguments: [name, id])
      if noun == .model {
        try database.execute(
          sql: "UPDATE model_version SET path = 'models/' || ?1 || '/' || number WHERE model_id = ?2",
          arguments: [name, id])
      } else {
        try database.execute(
          sql: """
            UPDATE version SET path = (
              SELECT 'volumes/' || d.name || '/' || o.name || '/' || version.number
              FROM volume o JOIN dataset d ON d.id = o.dataset_id WHERE o.id = version.volume_id)
            WHERE volume_id IN (\(Catalog.volumes(of: noun)))
            """, arguments: [id])
      }
      try moving()
    }
  }

  /// The keys of the volumes of what is renamed, whose key is the first argument.
  private static func volumes(of noun: Noun) -> String {
    "SELECT id FROM volume WHERE \(noun == .dataset ? "dataset_id" : "id") = ?1"
  }

  private static func checkIsFinished(_ database: Database, _ noun: Noun, _ id: Int64) throws {
    let unfinished = "state IN ('staging', 'sealed')"
    if noun == .model {
      let found = try Int64.fetchOne(
        database,
        sql: """
          SELECT id FROM model_version WHERE \(unfinished) AND (model_id = ?1
            OR parent_id IN (SELECT id FROM model_version WHERE model_id = ?1))
          """, arguments: [id])
      guard let found else { return }
      let version = try modelVersion(database, found)
      throw CatalogError.unfinished(version.reference, run: version.runID)
    }
    let found = try Int64.fetchOne(
      database,
      sql: """
        WITH own AS (SELECT id FROM version WHERE volume_id IN (\(volumes(of: noun))))
        SELECT id FROM version WHERE \(unfinished)
          AND (id IN own OR parent_id IN own OR image_id IN own)
        """, arguments: [id])
    guard let found else { return }
    let version = try version(database, found)
    throw CatalogError.unfinished(version.reference, run: version.runID)
  }
}
