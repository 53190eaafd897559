// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Runs
import Testing
import VolumeDatabase

@Suite("Lineage")
struct LineageTests {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("lineage-\(UUID()).vemdb").path
  let database: VolumeDatabase

  init() throws {
    database = try VolumeDatabase.create(at: path)
    let catalog = database.catalog
    let dataset = try database.addDataset("d")
    func run(_ kind: RunKind, seed: UInt64?) throws -> Int64 {
      var draft = RunDraft(
        kind: kind, parameters: #"{"steps":3}"#, programVersion: "0.1.0", host: "here", cpu: "two cores")
      draft.seed = seed
      return try catalog.startRun(draft).id
    }
    func version(_ name: String, _ kind: VolumeKind, run: Int64, image: Int64?) throws -> Int64 {
      let volume = try catalog.addVolume(name, kind: kind, in: dataset.id)
      var draft = VersionDraft(
        volumeID: volume.id, dataType: .uint8, shape: [2, 3, 4], voxelSize: VoxelSize(z: 50, y: 8, x: 8),
        chunk: [1, 2, 2], shard: [1, 4, 4], levels: 1, stagingPath: "staging/\(name)")
      draft.runID = run
      draft.imageID = image
      return try catalog.reserveVersion(draft).id
    }
    let image = try version("em", .image, run: try run(.ingest, seed: nil), image: nil)
    let training = try run(.train, seed: .max)
    try catalog.addInputs([RunInput("image", .version(image), pair: 0)], toRun: training)
    var draft = ModelVersionDraft(
      modelID: try catalog.addModel("net").id, architecture: "rsunet",
      classIDs: [try catalog.classNamed("mito").id], parameterCount: 12, stagingPath: "staging/net")
    draft.runID = training
    let model = try catalog.reserveModelVersion(draft)
    let predicting = try run(.predict, seed: nil)
    try catalog.addInputs(
      [RunInput("model", .modelVersion(model.id)), RunInput("image", .version(image))], toRun: predicting)
    let prediction = try version("pred", .prediction, run: predicting, image: image)
    try catalog.setContent(hash: Hash128(high: 0, low: 1), ofVersion: prediction)
    try catalog.setContent(hash: Hash128(high: 0, low: 2), ofVersion: image)
    try catalog.sealVersions([image, prediction])
    try catalog.commitVersions([image, prediction])
  }

  @Test("a prediction's lineage is a nested list down to its image, each thing listed once")
  func tree() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let lineage = try Lineage(of: try AnyReference(parsing: "d/pred"), in: database)
    let nodes = lineage.tree.filter { !$0.contains(": ") }
    #expect(
      nodes == [
        "d/pred@1  prediction, 2 × 3 × 4 uint8, 50,8,8nm",
        "├─ made by run:3  predict, done",
        "│  ├─ model model:net@1  rsunet for mitochondrion, 12 parameters, staging",
        "│  │  └─ made by run:2  train, running",
        "│  │     └─ image d/em@1  image, 2 × 3 × 4 uint8, 50,8,8nm",
        "│  │        └─ made by run:1  ingest, done",
        "│  └─ image d/em@1  (see above)",
        "└─ image d/em@1  (see above)",
      ])
    #expect(lineage.tree.contains { $0.hasSuffix("seed: 18446744073709551615") })
    #expect(lineage.tree.contains { $0.hasSuffix("settings: steps=3") })
    #expect(lineage.tree.contains { $0.hasSuffix("program: vemdb 0.1.0") })
  }

  @Test("what was made from an image is found the other way")
  func descendants() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let lineage = try Lineage(of: try AnyReference(parsing: "model:net@1"), in: database, .descendants)
    #expect(lineage.nodes.map(\.reference) == ["model:net@1", "run:3", "d/pred@1"])
    let made = try Lineage(of: try AnyReference(parsing: "d/em@1"), in: database, .descendants)
    #expect(Set(made.nodes.map(\.type)) == ["version", "model", "run"])
    let near = try Lineage(of: try AnyReference(parsing: "d/em@1"), in: database, depth: 1)
    #expect(near.nodes.map(\.reference) == ["d/em@1", "run:1"])
  }

  @Test(
    "settings are a line for people",
    arguments: [
      (
        #"{"loss":"dice+bce","patch":[12,128,128],"rate":0.003,"off":false,"on":true}"#,
        "loss=dice+bce patch=12,128,128 rate=0.003 on"
      ),
      (
        #"{"run":{"like":"d/em@1","mode":{"nonzero":{}}},"numbers":[0,1,2,3,4,5,6,7,8]}"#,
        "run.like=d/em@1 run.mode.nonzero numbers=(9 values)"
      ),
      ("no JSON", "no JSON"),
    ])
  func settings(json: String, text: String) {
    #expect(settingsText(json) == text)
  }

  @Test("a dataset has no lineage, and what is unknown is refused")
  func refused() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: LineageError.noLineage("d")) { try Lineage(of: .dataset("d"), in: database) }
    #expect(throws: CatalogError.unknown("run:9", of: "run")) {
      try Lineage(of: try AnyReference(parsing: "run:9"), in: database)
    }
  }
}
