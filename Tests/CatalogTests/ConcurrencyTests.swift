// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import Synchronization
import Testing

@testable import Catalog

@Suite("Many writers at one catalog")
struct ConcurrencyTests {
  @Test("four connections that reserve numbers at once get each number once", arguments: JournalMode.allCases)
  func reserve(journal: JournalMode) throws {
    let scratch = try Scratch(journal: journal)
    let volume = try scratch.volume()
    let draft = scratch.draft(volume)
    let path = scratch.path
    let numbers = try withThreads(4) { _ in
      let own = try Catalog(opening: path, readOnly: false)
      return try (0..<15).map { _ in
        var one = draft
        one.stagingPath = "staging/\(newUUID())"
        return try own.reserveVersion(one).number
      }
    }
    #expect(numbers.flatMap { $0 }.sorted() == Array(1...60))
  }

  @Test("a reader sees a commit whole or not at all", arguments: JournalMode.allCases)
  func snapshot(journal: JournalMode) throws {
    let scratch = try Scratch(journal: journal)
    let volume = try scratch.volume()
    let ids = try (0..<8).map { _ in
      let version = try scratch.catalog.reserveVersion(scratch.draft(volume))
      try scratch.catalog.setContent(hash: Hash128(high: 0, low: 1), ofVersion: version.id)
      return version.id
    }
    try scratch.catalog.sealVersions(ids)
    let path = scratch.path
    let counts = try withThreads(2) { thread in
      let own = try Catalog(opening: path, readOnly: thread == 1)
      if thread == 0 {
        try own.commitVersions(ids)
        return [8]
      }
      return try (0..<50).map { _ in try own.versions().count }
    }
    #expect(Set(counts.flatMap { $0 }).isSubset(of: [0, 8]))
  }

  private func withThreads<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let results = Mutex<[Swift.Result<Result, any Error>]>([])
    let group = DispatchGroup()
    for index in 0..<count {
      group.enter()
      Thread.detachNewThread {
        let result = Swift.Result { try body(index) }
        results.withLock { $0.append(result) }
        group.leave()
      }
    }
    group.wait()
    return try results.withLock { $0 }.map { try $0.get() }
  }
}
