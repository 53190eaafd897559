// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import GRDB
import Testing

@testable import Catalog

@Suite("Rules of the schema")
struct SchemaTests {
  @Test("rows that say what cannot be are refused by SQLite itself")
  func refused() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let version = try scratch.commit(catalog.reserveVersion(scratch.draft(try scratch.volume())))
    let statements = [
      "UPDATE volume SET kind = 'picture'",
      "INSERT INTO coverage VALUES (1, \(version.id), NULL, NULL, 0, 0, 0, 0, 1, 1)",
      "INSERT INTO coverage VALUES (1, 77, NULL, NULL, 0, 0, 0, 1, 1, 1)",
      "INSERT INTO version_shard VALUES (\(version.id), '0/c/0/0/0', 5)",
      "INSERT INTO instance_fragment VALUES (1, 1, 1, 0, 1, 0, 0, 0)",
      "INSERT INTO run_input VALUES (1, 1, 'image', NULL, NULL, NULL)",
      "INSERT INTO metric_point VALUES (1, 'loss', 0, NULL, NULL, 'now')",
      "INSERT INTO class_synonym VALUES ('nucleus', 1)",
      "INSERT INTO class_synonym VALUES ('mito', 1)",
      "INSERT INTO class (uuid, name) VALUES ('\(newUUID())', 'mito')",
      "INSERT INTO dataset (uuid, name, created_at) VALUES ('short', 'a', 'now')",
      "UPDATE version SET voxel_z_nm = 'fifty'",
      "UPDATE version SET retired_at = 'now'",
      "DELETE FROM volume",
    ]
    for sql in statements {
      let error = #expect(throws: CatalogError.self, "\(sql)") {
        try catalog.write { try $0.execute(sql: sql) }
      }
      guard case .refused = error else {
        Issue.record("\(sql): \(String(describing: error))")
        continue
      }
    }
  }

  @Test("every view can be read, and the file passes SQLite's own checks")
  func views() throws {
    let scratch = try Scratch()
    try scratch.catalog.read { (database) throws in
      let views = try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'view'")
      #expect(views.count >= 17)
      for view in views { _ = try Row.fetchAll(database, sql: "SELECT * FROM \(view)") }
      #expect(try String.fetchOne(database, sql: "PRAGMA integrity_check") == "ok")
      #expect(try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").isEmpty)
    }
  }

  @Test("abandoning a version takes its shards, statistics and boxes along, but not those it shares")
  func orphans() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let volume = try scratch.volume("l", kind: .label)
    let mito = try catalog.classNamed("mito").id
    func entry(_ x: Int) -> ShardEntry {
      let hash = Hash128(high: 0, low: UInt64(x))
      return ShardEntry(
        ShardRecord(key: "0/c/0/0/\(x)", level: 0, index: [0, 0, x], byteCount: 10 + x, hash: hash),
        chunks: [
          ChunkStatistic(
            index: [0, 0, 2 * x], minimum: 0, maximum: 1, nonzero: 4, hash: hash, counts: [1: 4])
        ],
        fragments: [
          InstanceFragment(
            instance: 5, classID: mito, voxels: 4,
            box: Box(origin: [0, 0, 4 * x], extent: [1, 2, 2]), sums: [0, 2, 16 * x + 2])
        ])
    }
    let parent = try catalog.reserveVersion(scratch.draft(volume)).id
    try catalog.addShards([entry(0), entry(1)], to: parent)
    let child = try catalog.reserveVersion(scratch.draft(volume)).id
    #expect(try catalog.shareShards(ofVersion: parent, with: child, except: ["0/c/0/0/1"]) == 1)
    try catalog.addShards([entry(1)], to: child)
    #expect(try catalog.storedBytes(ofVersion: child) == (shards: 2, bytes: 21, ownBytes: 11))
    #expect(try catalog.shards(ofVersion: child).map(\.key) == ["0/c/0/0/0", "0/c/0/0/1"])
    try catalog.abandonVersions([child])
    try catalog.read { (database) throws in
      for table in ["shard", "chunk_statistic", "chunk_value", "instance_fragment", "fragment_box"] {
        #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)") == 2, "\(table)")
      }
    }
    let instance = try #require(try catalog.instances(ofVersion: parent).first)
    #expect(instance.voxels == 8)
    #expect(instance.box == Box(lower: [0, 0, 0], upper: [1, 2, 6]))
    #expect(instance.centroid == [0, 0.5, 2.5])
  }
}
