// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import GRDB
import Testing

@testable import Catalog

@Suite("Nouns of the catalog")
struct NounTests {
  @Test(
    "names that could leave the folder, or be taken for numbers, are refused",
    arguments: [
      "", ".", "..", "a/b", "../a", "-a", "_a", "12", "2026-11-01", "zarr.json", "Zarr.JSON", "a b", "é",
      "a\n",
    ])
  func badNames(name: String) throws {
    let scratch = try Scratch()
    #expect(throws: CatalogError.invalidName(name, of: "dataset")) { try scratch.catalog.addDataset(name) }
    #expect(throws: CatalogError.invalidName(name, of: "model")) { try scratch.catalog.addModel(name) }
    #expect(throws: CatalogError.refused(path: scratch.path, reason: "CHECK constraint failed: \(check)")) {
      try scratch.catalog.write {
        try $0.execute(
          sql: "INSERT INTO dataset (uuid, name, created_at) VALUES (?, ?, 'now')",
          arguments: [newUUID(), name])
      }
    }
  }

  private let check = """
    name GLOB '[A-Za-z0-9]*' AND name NOT GLOB '*[^A-Za-z0-9_.-]*'
          AND name GLOB '*[A-Za-z]*' AND lower(name) <> 'zarr.json'
    """

  @Test("names are unique without regard to case")
  func unique() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let volume = try scratch.volume("em")
    #expect(throws: CatalogError.nameTaken("Tissue", of: "dataset")) { try catalog.addDataset("Tissue") }
    #expect(throws: CatalogError.nameTaken("EM", of: "volume")) {
      try catalog.addVolume("EM", kind: .label, in: volume.datasetID)
    }
    #expect(try catalog.volume(named: "Em", in: "TISSUE") == volume)
    #expect(throws: CatalogError.unknown("tissue/er", of: "volume")) {
      try catalog.volume(named: "er", in: "tissue")
    }
  }

  @Test(
    "a class is found by its name and by its synonyms",
    arguments: [
      ("mitochondrion", "mitochondrion"), ("Mito", "mitochondrion"), ("mitochondria", "mitochondrion"),
      ("er", "endoplasmic_reticulum"), ("ld", "lipid_droplet"), ("nucleus", "nucleus"),
      ("golgi", "golgi_apparatus"), ("background", "background"),
    ])
  func classes(name: String, canonical: String) throws {
    let scratch = try Scratch()
    #expect(try scratch.catalog.classNamed(name).name == canonical)
  }

  @Test("an unknown class is refused with the nearest name, and can be added")
  func unknownClass() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    #expect(throws: CatalogError.unknownClass("mitochondrien", nearest: "mitochondrion")) {
      try catalog.classNamed("mitochondrien")
    }
    #expect(throws: CatalogError.unknownClass("zebra", nearest: nil)) { try catalog.classNamed("zebra") }
    #expect(throws: CatalogError.nameTaken("mito", of: "class")) {
      try catalog.addClass("megamito", synonyms: ["mito"])
    }
    try catalog.addClass("zebra", synonyms: ["Horse"], colour: "#0072B2")
    #expect(try catalog.classNamed("horse").name == "zebra")
  }

  @Test("label values and seeds beyond 2⁵³ and 2⁶³ come back as they were, and views print them unsigned")
  func unsigned() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let values: [UInt64] = [(1 << 53) + 1, (1 << 63) + 1, .max]
    let mito = try catalog.classNamed("mito")
    let version = try catalog.reserveVersion(scratch.draft(try scratch.volume("l", kind: .label)))
    try catalog.setClasses(
      values.map { VersionClass(mito, mode: .semantic, value: $0) }, ofVersion: version.id)
    #expect(try catalog.classes(ofVersion: version.id).map(\.value) == values)
    let shard = ShardRecord(
      key: "0/c/0/0/0", level: 0, index: [0, 0, 0], byteCount: 9, hash: Hash128(high: 1, low: 1))
    let chunk = ChunkStatistic(
      index: [0, 0, 0], minimum: 0, maximum: 1, nonzero: 6, hash: Hash128(high: 1, low: 1),
      counts: [values[0]: 1, values[1]: 2, values[2]: 3])
    let fragments = values.map {
      InstanceFragment(
        instance: $0, classID: mito.id, voxels: 1, box: Box(origin: [0, 0, 0], extent: [1, 1, 1]),
        sums: [0, 0, 0])
    }
    try catalog.addShards([ShardEntry(shard, chunks: [chunk], fragments: fragments)], to: version.id)
    #expect(try catalog.chunkStatistics(ofVersion: version.id) == [chunk])
    #expect(try catalog.instances(ofVersion: version.id).map(\.id) == values)
    let run = try catalog.startRun(
      RunDraft(kind: .train, seed: .max, programVersion: "0", host: "h", cpu: "c"))
    #expect(try catalog.run(run.id).seed == .max)
    let texts = ["9007199254740993", "9223372036854775809", "18446744073709551615"]
    try catalog.read { (database) throws in
      for (view, column) in [
        ("version_classes", "value"), ("class_volumes", "value"), ("instances", "instance"),
      ] {
        #expect(try String.fetchSet(database, sql: "SELECT \(column) FROM \(view)") == Set(texts), "\(view)")
      }
      #expect(try String.fetchOne(database, sql: "SELECT seed FROM runs") == texts[2])
    }
  }

  @Test("parts of a split that share a voxel are refused, and the old split stays")
  func splits() throws {
    let scratch = try Scratch()
    let volume = try scratch.volume()
    let train = SplitBox(.train, Box(lower: [0, 0, 0], upper: [4, 8, 8]))
    let validation = SplitBox(.validation, Box(lower: [6, 0, 0], upper: [8, 8, 8]))
    try scratch.catalog.setSplits([train, validation], ofVolume: volume.id)
    let wrong = SplitBox(.test, Box(lower: [3, 7, 7], upper: [5, 8, 8]))
    #expect(throws: CatalogError.self) { try scratch.catalog.setSplits([train, wrong], ofVolume: volume.id) }
    #expect(try scratch.catalog.splits(ofVolume: volume.id) == [train, validation])
  }

  @Test("a tag moves to another version of its volume, and a number is no tag")
  func tags() throws {
    let scratch = try Scratch()
    let volume = try scratch.volume()
    let versions = try (0..<2).map { _ in try scratch.catalog.reserveVersion(scratch.draft(volume)) }
    try scratch.catalog.setTag("golden", toVersion: versions[0].id)
    try scratch.catalog.setTag("Golden", toVersion: versions[1].id)
    #expect(try scratch.catalog.tags(ofVolume: volume.id).values.sorted() == [versions[1].id])
    #expect(throws: CatalogError.invalidName("2026-11-01", of: "tag")) {
      try scratch.catalog.setTag("2026-11-01", toVersion: versions[0].id)
    }
  }

  @Test("a run keeps its settings, progress, warnings and end; one without a pulse for 30 s is lost")
  func runs() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let run = try catalog.startRun(
      RunDraft(kind: .predict, parameters: #"{"mode":"exact"}"#, programVersion: "0.1", host: "h", cpu: "c"))
    try catalog.heartbeat(run: run.id, done: 3, total: 10)
    try catalog.addWarning("4 slices \"missing\"", toRun: run.id)
    let later = try catalog.run(run.id)
    #expect(later.progressDone == 3 && later.progressTotal == 10)
    #expect(later.warnings == ["4 slices \"missing\""])
    #expect(!later.isLost())
    #expect(later.isLost(at: Timestamp(rawValue: "2099-01-01T00:00:00.000Z")))
    try catalog.endRun(run.id, .failed, error: "no room")
    #expect(try catalog.runs(state: .failed).first?.error == "no room")
    let resumed = try catalog.resumeRun(run.id, programVersion: "0.2", host: "i", cpu: "d", processID: 7)
    #expect(resumed.state == .running && resumed.error == nil && resumed.endedAt == nil)
    try catalog.endRun(run.id, .done)
    #expect(throws: CatalogError.wrongState("run:1", is: "done", mustBe: "stopped, failed or lost")) {
      try catalog.resumeRun(run.id, programVersion: "0.2", host: "i", cpu: "d", processID: 7)
    }
  }

  @Test("a NaN stays a NaN in a time series, and a resumed step replaces the old one")
  func metrics() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let run = try catalog.startRun(RunDraft(kind: .train, programVersion: "0", host: "h", cpu: "c"))
    try catalog.addMetrics(
      [
        MetricPoint("loss", step: 1, value: 0.5), MetricPoint("loss", step: 2, value: .nan),
        MetricPoint("loss", step: 3, value: -.infinity),
      ], toRun: run.id)
    try catalog.addMetrics([MetricPoint("loss", step: 1, value: 0.25)], toRun: run.id)
    let values = try catalog.metrics(ofRun: run.id, named: "loss").map(\.value)
    #expect(values[0] == 0.25 && values[1].isNaN && values[2] == -.infinity)
    try catalog.removeMetrics(ofRun: run.id, after: 1)
    #expect(try catalog.metrics(ofRun: run.id).count == 1)
  }

  @Test("an undefined score is NULL with its reason")
  func evaluations() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let volume = try scratch.volume("pred", kind: .prediction)
    let a = try catalog.reserveVersion(scratch.draft(volume)).id
    let b = try catalog.reserveVersion(scratch.draft(volume)).id
    let run = try catalog.startRun(RunDraft(kind: .evaluate, programVersion: "0", host: "h", cpu: "c"))
    let region = Box(lower: [0, 1, 2], upper: [3, 4, 5])
    let scores = [
      EvaluationRecord(
        runID: run.id, predictionID: a, truthID: b, region: region, part: .test, metric: "dice", value: 0.75),
      EvaluationRecord(
        runID: run.id, predictionID: a, truthID: b, region: region, metric: "precision", value: nil,
        reason: "nothing predicted"),
    ]
    try catalog.addEvaluations(scores)
    #expect(try catalog.evaluations(ofPrediction: a) == scores)
    #expect(try catalog.evaluations(ofPrediction: b).isEmpty)
    try catalog.read { (database) throws in
      let rows = try Row.fetchAll(database, sql: "SELECT prediction, metric, value, reason FROM evaluations")
      #expect(rows[0]["prediction"] == "tissue/pred@1")
      #expect((rows[1]["value"] as Double?) == nil)
      #expect(rows[1]["reason"] == "nothing predicted")
    }
  }

  @Test("source files and coverage come back as they were")
  func sources() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let version = try catalog.reserveVersion(scratch.draft(try scratch.volume())).id
    let files = [
      SourceFileRecord(path: "2.png", byteCount: 5, sha256: String(repeating: "0a", count: 32)),
      SourceFileRecord(path: "10.png", byteCount: 0, sha256: String(repeating: "ff", count: 32)),
    ]
    try catalog.setSourceFiles(files, ofVersion: version)
    #expect(try catalog.sourceFiles(ofVersion: version) == files)
    let mito = try catalog.classNamed("mito").id
    let boxes = [
      CoverageBox(Box(lower: [0, 0, 0], upper: [2, 8, 8]), classID: mito),
      CoverageBox(Box(lower: [1, 0, 0], upper: [4, 8, 4]), classID: mito),
    ]
    try catalog.addCoverage(boxes, to: version)
    #expect(try catalog.coverage(ofVersion: version) == boxes)
    let region = Box(lower: [1, 0, 0], upper: [8, 8, 8])
    let covered = try catalog.coveredBoxes(ofVersion: version, classID: mito, in: region)
    // Slice 1 whole, slices 2 and 3 half.
    #expect(covered.reduce(0) { $0 + $1.count } == 64 + 2 * 32)
  }
}
