// SPDX-License-Identifier: Apache-2.0

import CatalogSchema
import Foundation
import GRDB
import Testing

@testable import Catalog

@Suite("Opening a catalog")
struct OpeningTests {
  @Test("what was written is read by another connection", arguments: JournalMode.allCases)
  func reopen(journal: JournalMode) throws {
    let scratch = try Scratch(journal: journal)
    try scratch.catalog.addDataset("liver", DatasetFacts(organism: "Rattus norvegicus"))
    let reader = try Catalog(opening: scratch.path, readOnly: true)
    #expect(reader.journal == journal)
    #expect(reader.uuid == scratch.catalog.uuid)
    #expect(try reader.dataset(named: "LIVER").facts.organism == "Rattus norvegicus")
    #expect(throws: CatalogError.readOnly(path: scratch.path)) { try reader.addDataset("kidney") }
    let writer = try Catalog(opening: scratch.path, readOnly: false)
    try writer.addDataset("kidney")
    #expect(try reader.datasets().map(\.name) == ["kidney", "liver"])
  }

  @Test(
    "opening it again in one process leaves the locks that other connections hold",
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/locks"), "no list of locks to look at"))
  func locks() throws {
    let scratch = try Scratch(journal: .wal)
    try scratch.catalog.addDataset("liver")
    let facts = try FileManager.default.attributesOfItem(atPath: scratch.path)
    let number = try #require(facts[.systemFileNumber] as? Int)
    func isLocked() throws -> Bool {
      try String(contentsOfFile: "/proc/locks", encoding: .utf8).contains(":\(number) ")
    }
    try #require(try isLocked(), "a write-ahead log is kept by a lock on the catalog")
    _ = try Catalog(opening: scratch.path, readOnly: true)
    #expect(try isLocked())
    _ = try Catalog(opening: scratch.path, readOnly: false)
    #expect(try isLocked())
  }

  @Test(
    "writing connections wait for locks, sync fully and keep foreign keys", arguments: JournalMode.allCases)
  func pragmas(journal: JournalMode) throws {
    let scratch = try Scratch(journal: journal)
    try scratch.catalog.write { (database) throws in
      #expect(try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2)
      #expect(try Int.fetchOne(database, sql: "PRAGMA foreign_keys") == 1)
      #expect(try Int.fetchOne(database, sql: "PRAGMA busy_timeout") == 10_000)
      #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == journal.rawValue)
      #expect(try Int.fetchOne(database, sql: "PRAGMA application_id") == 0x7665_6D64)
    }
  }

  @Test("a catalog is never made over a file")
  func exists() throws {
    let scratch = try Scratch()
    #expect(throws: CatalogError.alreadyExists(path: scratch.path)) {
      try Catalog.create(at: scratch.path, journal: .wal)
    }
  }

  @Test("an older schema is brought up to date by writing, and only by writing")
  func migrates() throws {
    let scratch = try Scratch()
    let path = scratch.folder + "/old.sqlite"
    let old = try DatabaseQueue(path: path)
    try old.write { (database) throws in
      try database.execute(sql: "PRAGMA application_id = \(CatalogSchema.applicationID)")
      try Catalog.migrate(database, path, upTo: 1)
      try database.execute(
        sql: """
          INSERT INTO database_info VALUES (1, '00000000-0000-4000-8000-000000000000', 'delete', 'then');
          INSERT INTO dataset (uuid, name, created_at)
          VALUES ('00000000-0000-4000-8000-000000000001', 'liver', 'then')
          """)
    }
    try old.close()
    #expect(throws: CatalogError.olderSchema(path: path, found: 1, known: CatalogSchema.version)) {
      try Catalog(opening: path, readOnly: true)
    }
    let catalog = try Catalog(opening: path, readOnly: false)
    #expect(try catalog.datasets().map(\.name) == ["liver"])
    #expect(try catalog.classNamed("mito").name == "mitochondrion")
    try catalog.read { (database) throws in
      #expect(try Int.fetchOne(database, sql: "PRAGMA user_version") == CatalogSchema.version)
      #expect(try String.fetchOne(database, sql: "SELECT dataset FROM datasets") == "liver")
    }
  }

  @Test("a newer schema is refused and left alone", arguments: [true, false])
  func newer(readOnly: Bool) throws {
    let scratch = try Scratch(journal: .delete)
    try scratch.catalog.write { try $0.execute(sql: "PRAGMA user_version = 99") }
    let known = CatalogSchema.version
    #expect(throws: CatalogError.newerSchema(path: scratch.path, found: 99, known: known)) {
      try Catalog(opening: scratch.path, readOnly: readOnly)
    }
  }

  @Test("what is no catalog is refused and left as it was", arguments: [true, false])
  func foreign(readOnly: Bool) throws {
    let scratch = try Scratch()
    let missing = scratch.folder + "/nothing.sqlite"
    #expect(throws: CatalogError.missing(path: missing)) { try Catalog(opening: missing, readOnly: readOnly) }
    #expect(!FileManager.default.fileExists(atPath: missing))

    let text = scratch.folder + "/text.sqlite"
    for content in ["", "hello", String(repeating: "no database ", count: 20)] {
      try Data(content.utf8).write(to: URL(fileURLWithPath: text))
      #expect(throws: CatalogError.notADatabase(path: text)) {
        try Catalog(opening: text, readOnly: readOnly)
      }
    }
    #expect(throws: CatalogError.notADatabase(path: scratch.folder)) {
      try Catalog(opening: scratch.folder, readOnly: readOnly)
    }

    let other = scratch.folder + "/other.sqlite"
    let queue = try DatabaseQueue(path: other)
    try queue.write { try $0.execute(sql: "CREATE TABLE photo (id INTEGER)") }
    try queue.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: other))
    #expect(throws: CatalogError.notACatalog(path: other)) { try Catalog(opening: other, readOnly: readOnly) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == before)
  }

  @Test("the files of a write-ahead log stay for those who may not make them")
  func keptLog() throws {
    let scratch = try Scratch()
    try scratch.catalog.addDataset("liver")
    try scratch.catalog.close()
    for ending in ["-wal", "-shm"] { #expect(FileManager.default.fileExists(atPath: scratch.path + ending)) }
    #expect(try Catalog(opening: scratch.path, readOnly: true).datasets().map(\.name) == ["liver"])
  }

  @Test("the file of a write-ahead catalog alone is readable as immutable; with a log it is not")
  func immutable() throws {
    let scratch = try Scratch()
    try scratch.catalog.addDataset("liver")
    #expect(throws: CatalogError.unreadableLog(path: scratch.path)) {
      try Catalog.immutableConnection(scratch.path)
    }
    try scratch.catalog.close()
    for ending in ["-wal", "-shm"] { try FileManager.default.removeItem(atPath: scratch.path + ending) }
    let connection = try Catalog.immutableConnection(scratch.path)
    let names = try connection.read { try String.fetchAll($0, sql: "SELECT dataset FROM datasets") }
    #expect(names == ["liver"])
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "-shm"))
  }

  @Test("a damaged file is called damaged")
  func damaged() throws {
    let scratch = try Scratch(journal: .delete)
    for number in 0..<200 { try scratch.catalog.addDataset("set-\(number)") }
    try scratch.catalog.close()
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: scratch.path))
    let size = try file.seekToEnd()
    for offset in stride(from: UInt64(8192), to: size, by: 512) {
      try file.seek(toOffset: offset)
      try file.write(contentsOf: Data(repeating: 0xA5, count: 300))
    }
    try file.close()
    let error = #expect(throws: CatalogError.self) {
      let catalog = try Catalog(opening: scratch.path, readOnly: true)
      _ = try catalog.datasets()
      _ = try catalog.classes()
    }
    guard case .damaged = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
