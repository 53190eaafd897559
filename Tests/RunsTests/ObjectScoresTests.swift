// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Runs
import Segmentation
import TestData
import Testing
import VolumeDatabase

@Suite("Scores of objects and boundaries")
struct ObjectScoresTests {
  let fixture: ScoresFixture

  init() throws { fixture = try ScoresFixture() }

  @Test(
    "are those of SciPy, scikit-image and cc3d",
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)), arguments: [1, 2])
  func oracle(threads: Int) throws {
    let folder = "data/oracles/metrics"
    try fixture.add(
      "d/pred", .prediction, [.semantic("mito", value: 1)],
      try ScoresFixture.volume("\(folder)/prediction_binary.tif"))
    try fixture.add(
      "d/truth", .label, [.semantic("mito", value: 1)],
      try ScoresFixture.volume("\(folder)/truth_binary.tif"))
    var run = try fixture.evaluation("d/pred", "d/truth")
    run.threads = threads
    run.distanceLimit = 0
    let score = try #require(try run.start(in: fixture.database).scores.first)
    // From expected.json.
    let expected = [
      "true_positives": 286783, "false_positives": 17599, "false_negatives": 41015,
      "true_negatives": 2_276_043, "dice": 0.9072827359296403, "iou_foreground": 0.830299626227211,
      "iou_mean": 0.9025967914063483, "precision": 0.9421812065102404, "recall": 0.8748772109652896,
      "objects_truth": 4, "objects_prediction": 92, "f1_50": 0.08333333333333333,
      "ap_50": 0.043478260869565216, "panoptic_quality": 0.06582115378329673,
      "f1_75": 0.041666666666666664, "ap_75": 0.02127659574468085,
      "adapted_rand_error": 0.12082443348452254, "vi_split": 0.13945279650018863,
      "vi_merge": 0.17743749428204902,
    ]
    for (name, value) in expected {
      let found = try #require(score[name])
      #expect(abs(found - value) <= 1e-10 * max(1, value), "\(name)")
    }
  }

  @Test(
    "of objects that are told by ids are those of scikit-image",
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func neurons() throws {
    for name in ["prediction", "truth"] {
      try fixture.add(
        "d/\(name)", .label, [.instance("nucleus")],
        try ScoresFixture.volume("data/oracles/metrics/neurons_\(name).tif"))
    }
    var run = try fixture.evaluation("d/prediction", "d/truth")
    run.distanceLimit = 0
    let score = try #require(try run.start(in: fixture.database).scores.first)
    let expected = [
      "objects_truth": 61, "objects_prediction": 52, "adapted_rand_error": 0.0023114269978380397,
      "vi_split": 0.011900855526907308, "vi_merge": 0.023753542401368927,
    ]
    for (name, value) in expected {
      let found = try #require(score[name])
      #expect(abs(found - value) <= 1e-10 * max(1, value), "\(name)")
    }
  }

  /// Boxes of 1 in zeros.
  private func voxels(_ boxes: [Box], _ shape: Extent, value: (Int) -> UInt8 = { _ in 1 }) -> NDArray {
    var voxels = [UInt8](repeating: 0, count: shape.count)
    for (number, box) in boxes.enumerated() {
      for at in box.positions { voxels[(at[0] * shape[1] + at[1]) * shape[2] + at[2]] = value(number) }
    }
    return NDArray(voxels, shape)
  }

  @Test("distances are in nm along each axis, and the edge of coverage is no boundary")
  func distances() throws {
    let shape: Extent = [6, 40, 40]
    let all = Box(lower: [0, 0, 0], upper: [6, 40, 20])
    // Half spaces: the boundary is a plane, 3 voxels of 10 nm off; nothing at the edges counts.
    try fixture.add("d/truth", .label, [.semantic("mito", value: 1)], voxels([all], shape))
    try fixture.add(
      "d/pred", .prediction, [.semantic("mito", value: 1)],
      voxels([Box(lower: [0, 0, 0], upper: [6, 40, 23])], shape))
    var run = try fixture.evaluation("d/pred", "d/truth")
    var score = try #require(try run.start(in: fixture.database).scores.first)
    #expect(score["boundary_distance_50"] == 30 && score["boundary_distance_95"] == 30)
    run.distanceLimit = 30
    score = try #require(try run.start(in: fixture.database).scores.first)
    #expect(score["boundary_distance_50"] == nil)
    #expect(score.reason("boundary_distance_50")?.contains("30 nm") == true)
    // Along z a voxel has 40 nm.
    try fixture.add(
      "d/flat", .label, [.semantic("mito", value: 1)],
      voxels([Box(lower: [0, 0, 0], upper: [3, 40, 40])], shape))
    try fixture.add(
      "d/flat-pred", .prediction, [.semantic("mito", value: 1)],
      voxels([Box(lower: [0, 0, 0], upper: [4, 40, 40])], shape))
    score = try #require(
      try fixture.evaluation("d/flat-pred", "d/flat").start(in: fixture.database).scores.first)
    #expect(score["boundary_distance_95"] == 40)
  }

  @Test("single labelled slices are scored each for itself, a slab as one")
  func slices() throws {
    let shape: Extent = [5, 20, 20]
    // One id in two slices that are apart; the prediction runs through all.
    let left = Box(lower: [0, 2, 2], upper: [5, 8, 8])
    let right = Box(lower: [0, 12, 12], upper: [5, 18, 18])
    try fixture.add(
      "d/pred", .prediction, [.instance("mito")], voxels([left, right], shape) { UInt8($0 + 1) })
    let labelled = [Box(lower: [0, 0, 0], upper: [1, 20, 20]), Box(lower: [3, 0, 0], upper: [4, 20, 20])]
    try fixture.add(
      "d/slices", .label, [.instance("mito")], voxels([left], shape) { _ in 7 }, coverage: labelled)
    let score = try #require(
      try fixture.evaluation("d/pred", "d/slices").start(in: fixture.database).scores.first)
    #expect(score.isPerSlice)
    #expect(score["objects_truth"] == 2 && score["objects_prediction"] == 4)
    #expect(score["f1_50"] == 4.0 / 6)
    #expect(score["f1_50_inner"] == 4.0 / 6)
    try fixture.add("d/slab", .label, [.instance("mito")], voxels([left], shape) { _ in 7 })
    let whole = try #require(
      try fixture.evaluation("d/pred", "d/slab").start(in: fixture.database).scores.first)
    #expect(!whole.isPerSlice)
    #expect(whole["objects_truth"] == 1 && whole["objects_prediction"] == 2)
    // Everything touches the first and the last slice.
    #expect(whole["f1_50_inner"] == nil)
  }

  @Test("a prediction of objects is cut to what is labelled and labelled anew")
  func clipped() throws {
    let shape: Extent = [4, 20, 30]
    // A horseshoe whose bend lies outside of the labels: two pieces inside.
    let bent = [
      Box(lower: [0, 2, 2], upper: [4, 6, 30]), Box(lower: [0, 12, 2], upper: [4, 16, 30]),
      Box(lower: [0, 2, 26], upper: [4, 16, 30]),
    ]
    try fixture.add("d/pred", .prediction, [.instance("mito")], voxels(bent, shape) { _ in 5 })
    try fixture.add(
      "d/truth", .label, [.instance("mito")],
      voxels(Array(bent.prefix(2)), shape) { UInt8($0 + 1) },
      coverage: [Box(lower: [0, 0, 0], upper: [4, 20, 20])])
    let score = try #require(
      try fixture.evaluation("d/pred", "d/truth").start(in: fixture.database).scores.first)
    #expect(score["objects_prediction"] == 2 && score["f1_75"] == 1)
  }

  @Test("a prediction of other voxels is read at the truth's centres")
  func otherResolution() throws {
    // 20 nm against 10 nm: each coarse voxel stands for eight fine ones.
    let coarse = voxels([Box(lower: [1, 2, 2], upper: [3, 6, 7])], [4, 10, 10])
    let fine = voxels([Box(lower: [2, 4, 4], upper: [6, 12, 14])], [8, 20, 20])
    try fixture.add(
      "d/coarse", .prediction, [.semantic("mito", value: 1)], coarse,
      voxelSize: VoxelSize(z: 20, y: 20, x: 20), origin: [5, 5, 5])
    try fixture.add(
      "d/fine", .label, [.semantic("mito", value: 1)], fine, voxelSize: VoxelSize(z: 10, y: 10, x: 10))
    let score = try #require(
      try fixture.evaluation("d/coarse", "d/fine").start(in: fixture.database).scores.first)
    #expect(score["dice"] == 1)
    #expect(score.counts.total == 8 * 20 * 20)
    let back = try #require(
      try fixture.evaluation("d/fine", "d/coarse").start(in: fixture.database).scores.first)
    #expect(back["dice"] == 1)
  }

  @Test("probabilities are brought to the truth's voxels and then cut at the threshold")
  func probabilities() throws {
    let line = NDArray([0, 0, 200, 200] as [UInt8], [1, 1, 4])
    try fixture.add(
      "d/prob", .probability, [.probability("mito")], line, voxelSize: VoxelSize(z: 40, y: 20, x: 20),
      origin: [0, 0, 5])
    try fixture.add(
      "d/truth", .label, [.semantic("mito", value: 1)],
      NDArray([0, 0, 0, 0, 1, 1, 1, 1] as [UInt8], [1, 1, 8]), voxelSize: VoxelSize(z: 40, y: 20, x: 10))
    // Fine voxels lie a quarter of a coarse one beside its centre: 50 and 150 between 0 and 200.
    var run = try fixture.evaluation("d/prob", "d/truth")
    #expect(try run.start(in: fixture.database).scores.first?["dice"] == 1)
    run.threshold = 0.15
    #expect(try run.start(in: fixture.database).scores.first?.counts.falsePositives == 1)
    run.threshold = 0.7
    #expect(try run.start(in: fixture.database).scores.first?.counts.falseNegatives == 1)
  }

  @Test("classes of two names are compared when told so, and the refusal says how")
  func otherName() throws {
    let mask = voxels([Box(lower: [0, 0, 0], upper: [2, 3, 3])], [2, 8, 8])
    try fixture.add("d/pred", .prediction, [.semantic("nucleus", value: 1)], mask)
    try fixture.add("d/truth", .label, [.semantic("mito", value: 1)], mask)
    var run = try fixture.evaluation("d/pred", "d/truth")
    do {
      _ = try run.start(in: fixture.database)
      Issue.record("two classes were compared")
    } catch {
      #expect("\(error)".contains("--class nucleus=mitochondrion"))
    }
    run.className = "nucleus=mito"
    let outcome = try run.start(in: fixture.database)
    #expect(outcome.scores.first?["dice"] == 1)
    #expect(outcome.scores.first?.name == "mitochondrion")
  }

  @Test("intervals are of columns of at least 1 µm, and a seed gives them again")
  func bootstrap() throws {
    // 3 × 2 columns; the prediction is right in the first row of them and finds nothing in the others.
    let shape: Extent = [2, 300, 200]
    let places = (0..<6).map { ($0 / 2 * 100, $0 % 2 * 100) }
    let objects = places.map { y, x in
      Box(lower: [0, y + 20, x + 20], upper: [2, y + 60, x + 60])
    }
    try fixture.add("d/truth", .label, [.semantic("mito", value: 1)], voxels(objects, shape))
    try fixture.add(
      "d/pred", .prediction, [.semantic("mito", value: 1)], voxels(Array(objects.prefix(2)), shape))
    var run = try fixture.evaluation("d/pred", "d/truth")
    run.bootstrap = 1000
    let first = try #require(try run.start(in: fixture.database).scores.first)
    let second = try #require(try run.start(in: fixture.database).scores.first)
    #expect(first == second)
    #expect(first["recall"] == 1.0 / 3)
    // Of six columns, two of which count: 2.5 % and 97.5 % of a binomial distribution of 6 and 1/3 are 0
    // and 4.
    #expect(first["recall_low"] == 0 && first["recall_high"] == 4.0 / 6)
    #expect(first["ap_50_low"] == 0 && first["ap_50_high"] == 4.0 / 6)
    run.region = "x=0:100,y=0:100"
    let single = try #require(try run.start(in: fixture.database).scores.first)
    #expect(single["recall_low"] == nil && single.reason("recall_low") != nil)
  }

  @Test("compared predictions are scored on the voxels that all of them cover")
  func comparison() throws {
    let shape: Extent = [4, 20, 20]
    let truth = voxels([Box(lower: [0, 0, 0], upper: [4, 20, 10])], shape)
    let half = [Box(lower: [0, 0, 0], upper: [4, 10, 20])]
    try fixture.add("d/truth", .label, [.semantic("mito", value: 1)], truth)
    try fixture.add("d/a", .prediction, [.semantic("mito", value: 1)], truth)
    try fixture.add("d/b", .prediction, [.semantic("mito", value: 1)], truth, coverage: half)
    let comparison = ComparisonRun(
      [try VersionReference(parsing: "d/a"), try VersionReference(parsing: "d/b")],
      against: try VersionReference(parsing: "d/truth"))
    let outcomes = try comparison.start(in: fixture.database)
    #expect(outcomes.map(\.prediction.reference) == ["d/a@1", "d/b@1"])
    #expect(outcomes.map { $0.scores.first?.counts.total } == [800, 800])
    #expect(try fixture.database.catalog.evaluations(run: outcomes[1].runID).isEmpty == false)
  }

  @Test(
    "HeLa's slices, whose ids are of single slices, are scored in 2-D",
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func hela() throws {
    let numbers = ["0001", "0030", "0060", "0116"]
    let slices = try numbers.map { try ScoresFixture.volume("data/hela-sbfsem/mito_instances/z\($0).tif") }
    let plane = slices[0].extent
    var volume = NDArray(slices[0].dataType, [8, plane[1], plane[2]])
    var coverage: [Box] = []
    for (number, slice) in slices.enumerated() {
      volume.copy(Box(slice.extent), of: slice, to: [number * 2, 0, 0])
      coverage.append(Box(lower: [number * 2, 0, 0], upper: [number * 2 + 1, plane[1], plane[2]]))
    }
    try fixture.add("d/truth", .label, [.instance("mito")], volume, coverage: coverage)
    var run = try fixture.evaluation("d/truth", "d/truth")
    run.connectivity = .corners
    let score = try #require(try run.start(in: fixture.database).scores.first)
    #expect(score.isPerSlice)
    let ids = slices.map { Set(valueCounts(of: $0).keys).subtracting([0]).count }
    #expect(score["objects_truth"] == Double(ids.reduce(0, +)))
    #expect(score["dice"] == 1 && score["boundary_distance_95"] == 0)
  }
}
