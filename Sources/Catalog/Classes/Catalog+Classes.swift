// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// All classes by name.
  public func classes() throws(CatalogError) -> [ClassRecord] {
    try read { database in try Catalog.classes(database) }
  }

  /// The class that a canonical name or a synonym stands for, without regard to case.
  ///
  /// - Throws: ``CatalogError/unknownClass(_:nearest:)``.
  public func classNamed(_ name: String) throws(CatalogError) -> ClassRecord {
    try read { database in
      let known = try Catalog.classes(database)
      let wanted = name.lowercased()
      if let found = known.first(where: { $0.name == wanted || $0.synonyms.contains(wanted) }) {
        return found
      }
      let names = known.flatMap { [$0.name] + $0.synonyms }
      throw CatalogError.unknownClass(name, nearest: nearest(to: wanted, among: names))
    }
  }

  /// Adds a class.
  ///
  /// - Parameters:
  ///   - name: Lower-case letters, digits and `_`, beginning with a letter.
  ///   - synonyms: Other names for it.
  ///   - colour: As in `#0072B2`.
  ///   - term: The term of an ontology.
  /// - Throws: ``CatalogError/invalidName(_:of:)``; ``CatalogError/nameTaken(_:of:)`` if one of the names
  ///   means a class already.
  @discardableResult
  public func addClass(
    _ name: String, synonyms: [String] = [], colour: String? = nil, term: String? = nil, uuid: String? = nil
  ) throws(CatalogError) -> ClassRecord {
    let isValid =
      name.utf8.first.map { (97...122).contains($0) } == true
      && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
    guard isValid else { throw .invalidName(name, of: "class") }
    return try write { database in
      let known = try Catalog.classes(database).flatMap { [$0.name] + $0.synonyms }
      for one in [name] + synonyms where known.contains(one.lowercased()) {
        throw CatalogError.nameTaken(one, of: "class")
      }
      try database.execute(
        sql: "INSERT INTO class (uuid, name, colour, term) VALUES (?, ?, ?, ?)",
        arguments: [uuid ?? newUUID(), name, colour, term])
      let id = database.lastInsertedRowID
      for synonym in synonyms {
        try database.execute(
          sql: "INSERT INTO class_synonym (name, class_id) VALUES (?, ?)",
          arguments: [synonym.lowercased(), id])
      }
      guard let added = try Catalog.classes(database).first(where: { $0.id == id }) else {
        throw CatalogError.unknownClass(name, nearest: nil)
      }
      return added
    }
  }

  /// Says what the values of a version mean, in place of what was said before.
  public func setClasses(_ classes: [VersionClass], ofVersion id: Int64) throws(CatalogError) {
    try write { database in
      try database.execute(sql: "DELETE FROM version_class WHERE version_id = ?", arguments: [id])
      for one in classes {
        try database.execute(
          sql: "INSERT INTO version_class (version_id, class_id, mode, value) VALUES (?, ?, ?, ?)",
          arguments: [id, one.classID, one.mode.rawValue, one.value.map(Int64.init(bitPattern:))])
      }
    }
  }

  /// What the values of a version mean, by rising value.
  public func classes(ofVersion id: Int64) throws(CatalogError) -> [VersionClass] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT m.*, c.name FROM version_class m JOIN class c ON c.id = m.class_id WHERE m.version_id = ?
          """, arguments: [id]
      ).map { row in
        VersionClass(
          classID: row["class_id"], className: row["name"], mode: try row.word("mode"),
          value: row.unsigned("value"))
      }.sorted { ($0.value ?? 0) < ($1.value ?? 0) }
    }
  }

  private static func classes(_ database: Database) throws -> [ClassRecord] {
    let synonyms = Dictionary(
      grouping: try Row.fetchAll(database, sql: "SELECT * FROM class_synonym ORDER BY name"),
      by: { row -> Int64 in row["class_id"] })
    return try Row.fetchAll(database, sql: "SELECT * FROM class ORDER BY name").map { row in
      ClassRecord(
        id: row["id"], uuid: row["uuid"], name: row["name"],
        synonyms: (synonyms[row["id"]] ?? []).map { $0["name"] }, colour: row["colour"], term: row["term"])
    }
  }
}
