// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Runs
import Segmentation
import Testing
import VolumeDatabase

@Suite("Evaluation")
struct EvaluationRunTests {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("evaluation-\(UUID()).vemdb").path
  let database: VolumeDatabase

  /// Truth: mitochondria are 255 at x < 30, ER is 2 at x ≥ 90; labelled at z 2 ..< 6 and 10 ..< 11.
  /// Prediction: mitochondria are 1 at x < 40; computed at y < 50.
  init() throws {
    database = try VolumeDatabase.create(at: path)
    try database.addDataset("d")
    try add(
      "d/mito", .label, [.semantic("mito", value: 255), .semantic("er", value: 2)],
      [
        Box(lower: [2, 0, 0], upper: [6, 100, 100]), Box(lower: [10, 0, 0], upper: [11, 100, 100]),
      ]
    ) { $0[2] < 30 ? 255 : $0[2] < 90 ? 0 : 2 }
    try add(
      "d/pred", .prediction, [.semantic("mitochondrion", value: 1)],
      [
        Box(lower: [0, 0, 0], upper: [20, 50, 100])
      ]
    ) { $0[2] < 40 ? 1 : 0 }
  }

  @Test("only voxels that both cover count, and classes are matched by name", arguments: [1, 4])
  func covered(_ threads: Int) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var run = try evaluation("d/pred", "d/mito")
    run.threads = threads
    let outcome = try run.start(in: database)
    // 5 labelled slices, 50 predicted rows: 250 rows of 30, 10, 0 and 60 voxels.
    #expect(outcome.scores.map(\.name) == ["mitochondrion"])
    #expect(
      outcome.scores.first?.counts
        == ConfusionCounts(truePositives: 7500, falsePositives: 2500, trueNegatives: 15_000))
    let stored = try database.catalog.evaluations(run: outcome.runID)
    func value(_ metric: String) -> Double? { stored.first { $0.metric == metric }?.value }
    #expect(value("iou_foreground") == 0.75)
    #expect(value("dice") == 15_000.0 / 17_500)
    #expect(value("iou_mean") == (0.75 + 15_000.0 / 17_500) / 2)
    #expect(value("precision") == 0.75)
    #expect(value("recall") == 1)
    #expect(value("true_positives") == 7500)
    #expect(try database.catalog.run(outcome.runID).state == .done)
    #expect(try database.catalog.inputs(ofRun: outcome.runID).map(\.role) == ["prediction", "truth"])
    #expect(try RunFileScores(path, outcome.runID).count == stored.count)
  }

  @Test("a region and a part of the split narrow what counts")
  func narrowed() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try database.setSplits(
      [
        SplitBox(.train, Box(lower: [0, 0, 0], upper: [2, 100, 100])),
        SplitBox(.test, Box(lower: [5, 0, 0], upper: [20, 100, 100])),
      ], of: try VolumeReference(parsing: "d/mito"))
    var run = try evaluation("d/pred", "d/mito")
    run.part = .test
    run.region = "y=10:20,x=20:35"
    // Slices 5 and 10, ten rows: 10 voxels of mitochondria, 5 of predicted ones.
    let outcome = try run.start(in: database)
    #expect(outcome.scores.first?.counts == ConfusionCounts(truePositives: 200, falsePositives: 100))
    #expect(outcome.region == Box(lower: [0, 10, 20], upper: [20, 20, 35]))
    #expect(try database.catalog.evaluations(run: outcome.runID).allSatisfy { $0.part == .test })
    run.part = .validation
    #expect(throws: EvaluationError.notSplit(volume: "d/mito", part: "validation")) {
      try run.start(in: database)
    }
  }

  @Test("what is undefined is null with a reason, not 0 and not 1")
  func undefined() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var run = try evaluation("d/pred", "d/mito")
    run.region = "x=50:80"
    let outcome = try run.start(in: database)
    let stored = try database.catalog.evaluations(run: outcome.runID)
    for metric in ["dice", "iou_foreground", "iou_mean", "precision", "recall"] {
      let score = try #require(stored.first { $0.metric == metric })
      #expect(score.value == nil)
      #expect(score.reason == "neither has a voxel of the class")
    }
  }

  @Test("a version compared with itself agrees on every class")
  func itself() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let outcome = try evaluation("d/mito", "d/mito").start(in: database)
    #expect(Set(outcome.scores.map(\.name)) == ["mitochondrion", "endoplasmic_reticulum"])
    #expect(outcome.scores.allSatisfy { $0.counts.dice == 1 && $0.counts.total == 50_000 })
  }

  @Test("what cannot be compared is refused before a run is entered")
  func refused() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var run = try evaluation("d/pred", "d/mito")
    run.className = "er"
    #expect(
      throws: EvaluationError.noSuchClass(
        "endoplasmic_reticulum", version: "d/pred@1", known: ["mitochondrion"])
    ) { try run.start(in: database) }
    run.className = nil
    run.region = "z=6:10"
    #expect(throws: EvaluationError.self) { try run.start(in: database) }
    run.region = "z=0:99"
    #expect(throws: DatabaseError.self) { try run.start(in: database) }
    try add("d/small", .label, [.semantic("mito", value: 1)], [Box([4, 50, 50])], shape: [4, 50, 50]) { _ in 1
    }
    #expect(
      throws: EvaluationError.differentShapes(
        prediction: "d/small@1", shape: "4 × 50 × 50", truth: "d/mito@1", truthShape: "20 × 100 × 100")
    ) { try evaluation("d/small", "d/mito").start(in: database) }
    try add("d/lipid", .label, [.semantic("lipid_droplet", value: 1)], [Box([20, 100, 100])]) { _ in 1 }
    #expect(throws: EvaluationError.self) { try evaluation("d/lipid", "d/mito").start(in: database) }
    #expect(try database.catalog.runs().isEmpty)
  }

  private func evaluation(_ prediction: String, _ truth: String) throws -> EvaluationRun {
    EvaluationRun(
      of: try VersionReference(parsing: prediction), against: try VersionReference(parsing: truth))
  }

  private func add(
    _ name: String, _ kind: VolumeKind, _ classes: [ClassAssignment], _ coverage: [Box],
    shape: Extent = [20, 100, 100], _ value: ([Int]) -> UInt8
  ) throws {
    var specification = VersionSpecification(
      volume: try VolumeReference(parsing: name), kind: kind, dataType: .uint8, shape: shape,
      voxelSize: VoxelSize(z: 40, y: 10, x: 10))
    specification.classes = classes
    specification.chunk = [8, 16, 16]
    specification.shard = [8, 32, 32]
    let writer = try VersionWriter(specification, in: database)
    for layer in 0..<writer.layerCount {
      let box = writer.box(ofLayer: layer)
      try writer.writeLayer(NDArray(box.positions.map(value), box.extent), layer: layer)
    }
    try writer.finish(coverage: coverage)
    try database.commit([writer])
  }
}

/// The scores in a run's file.
private struct RunFileScores {
  let count: Int

  init(_ database: String, _ run: Int64) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(database)/runs/\(run)/run.json"))
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    count = (object?["evaluations"] as? [Any])?.count ?? 0
  }
}
