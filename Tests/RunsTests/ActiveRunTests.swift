// SPDX-License-Identifier: Apache-2.0

import Catalog
import Foundation
import Testing
import VolumeDatabase

@testable import Runs

@Suite("A run while it goes on")
struct ActiveRunTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("runs-\(UUID())").path
  let catalog: Catalog
  let description: RunDescription

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    catalog = try Catalog.create(at: "\(folder)/catalog.sqlite", journal: .wal)
    description = try RunDescription(.train, settings: ["steps": 3], seed: 1 << 63 + 1)
  }

  @Test("a run that ends is done, and its file says so")
  func done() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let id = try ActiveRun.perform(description, in: catalog, folder: folder) { run in
      #expect(try catalog.run(run.id).state == .running)
      run.advance(to: 2, of: 3)
      try run.warn("few labels")
      return run.id
    }
    let run = try catalog.run(id)
    #expect(run.state == .done)
    #expect((run.progressDone, run.progressTotal) == (2, 3))
    #expect(run.parameters == #"{"steps":3}"#)
    let file = try JSONDecoder().decode(
      RunFile.self, from: try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(id)/run.json")))
    #expect(file.uuid == run.uuid)
    #expect(file.state == "done")
    #expect(file.seed == "9223372036854775809")
    #expect(file.warnings == ["few labels"])
  }

  @Test("a run that fails keeps its error")
  func failed() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    struct Broken: Error, CustomStringConvertible { let description = "it broke" }
    #expect(throws: Broken.self) {
      try ActiveRun.perform(description, in: catalog, folder: folder) { _ in throw Broken() }
    }
    let run = try #require(try catalog.runs().first)
    #expect(run.state == .failed)
    #expect(run.error == "it broke")
  }

  @Test("a stopped run tells its number and can go on")
  func stopped() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let flag = CancellationFlag()
    flag.cancel()
    #expect(throws: StoppedOnRequest(run: 1)) {
      try ActiveRun.perform(description, in: catalog, folder: folder) { _ in try flag.check() }
    }
    #expect(try catalog.run(1).state == .stopped)
    try ActiveRun.resume(1, in: catalog, folder: folder) { run in #expect(run.id == 1) }
    #expect(try catalog.run(1).state == .done)
    #expect(throws: CatalogError.self) {
      try ActiveRun.resume(1, in: catalog, folder: folder) { _ in }
    }
  }
}
