// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Networks
import Tensors
import Testing
import Training
import VolumeDatabase

@testable import Runs

@Suite("Choices of a training")
struct TrainingChoicesTests {
  private func train(_ request: TrainingRequest, _ fixture: TrainingFixture) throws -> TrainingRun.Outcome {
    try TrainingRun.start(
      request, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
  }

  @Test("pairs take turns by their weights, spread as evenly as can be")
  func weights() {
    #expect(WeightedTurns(count: 3, weights: []).order == [0, 1, 2])
    #expect(WeightedTurns(count: 2, weights: [2, 2]).order == [0, 1])
    let turns = WeightedTurns(count: 2, weights: [3, 1])
    #expect(turns.order.count { $0 == 0 } == 750)
    for start in stride(from: 0, to: 996, by: 4) {
      #expect(turns.order[start..<start + 4].count { $0 == 0 } == 3)
    }
  }

  @Test("folds take each labelled slice once, with a gap on both sides")
  func foldsInZ() throws {
    let shape: Extent = [100, 50, 60]
    let boxes = [Box(lower: [10, 0, 0], upper: [90, 50, 60])]
    var seen = [Int](repeating: 0, count: 100)
    for fold in 1...5 {
      let cut = try #require(
        FoldCut(
          boxes, shape: shape, voxelSize: VoxelSize(z: 40, y: 8, x: 8), folds: 5, fold: fold,
          guarded: SplitGuard()))
      let parts = cut.parts(of: boxes)
      #expect(cut.axis == 0 && cut.gap == 3)
      let validation = Set(parts.validation.flatMap { Array($0.range(0)) })
      let training = Set(parts.training.flatMap { Array($0.range(0)) })
      #expect(validation.count == 16)
      for slice in validation { seen[slice] += 1 }
      for slice in training { #expect(validation.allSatisfy { abs($0 - slice) > 3 }) }
      #expect(training.count == 80 - 16 - (fold == 1 || fold == 5 ? 3 : 6))
    }
    #expect((0..<100).allSatisfy { seen[$0] == (10..<90 ~= $0 ? 1 : 0) })
  }

  @Test("few labelled slices are cut along x through all of them")
  func foldsInX() throws {
    let boxes = [18, 60].map { Box(lower: [$0, 0, 10], upper: [$0 + 1, 50, 110]) }
    let cut = try #require(
      FoldCut(
        boxes, shape: [100, 50, 120], voxelSize: VoxelSize(z: 50, y: 8, x: 8), folds: 2, fold: 1,
        guarded: SplitGuard()))
    let parts = cut.parts(of: boxes)
    #expect(parts.validation == [18, 60].map { Box(lower: [$0, 0, 10], upper: [$0 + 1, 50, 60]) })
    // 100 nm are 12.5 voxels.
    #expect(parts.training == [18, 60].map { Box(lower: [$0, 0, 73], upper: [$0 + 1, 50, 110]) })
  }

  @Test("a fold is learned and validated without a split, and its test part is left out")
  func folds() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    var request = fixture.request()
    (request.folds, request.fold) = (2, 2)
    let setup = try TrainingSetup(request, in: fixture.database)
    let source = try #require(setup.sampler.pairs[0].classes[0])
    #expect(source.training == [Box(lower: [0, 0, 0], upper: [16, 48, 22])])
    #expect(source.validation == [Box(lower: [0, 0, 32], upper: [16, 48, 64])])
    #expect(try train(request, fixture).validation != nil)
    try fixture.database.setSplits(
      [
        SplitBox(.train, Box(lower: [0, 0, 0], upper: [16, 48, 40])),
        SplitBox(.test, Box(lower: [0, 0, 50], upper: [16, 48, 64])),
      ], of: VolumeReference(parsing: "d/mito"))
    let split = try #require(try TrainingSetup(request, in: fixture.database).sampler.pairs[0].classes[0])
    #expect(split.validation == [Box(lower: [0, 0, 20], upper: [16, 48, 40])])
  }

  @Test("a value that means nobody knows is masked")
  func ignored() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    try fixture.addLabels("er", className: "er")
    var request = fixture.request(pairs: ["d/em,d/mito,d/er"])
    request.classes = ["mito"]
    let plain = try TrainingSetup(request, in: fixture.database).sampler.batch(.training, step: 0)
    request.ignoredValues = [0]
    let masked = try TrainingSetup(request, in: fixture.database).sampler.batch(.training, step: 0)
    #expect(plain.mask.elements.allSatisfy { $0 == 1 })
    #expect(masked.target == plain.target)
    #expect(masked.mask.elements == plain.target.elements)
  }

  @Test("a class that a pair does not label is masked there, not background")
  func masked() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    try fixture.addImage("other")
    try fixture.addLabels("er", image: "other", className: "er")
    var request = fixture.request(pairs: ["d/em,d/mito", "d/other,d/er"])
    request.classes = ["mito", "er"]
    let sampler = try TrainingSetup(request, in: fixture.database).sampler
    let mask = try sampler.batch(.training, step: 0).mask.elements
    let voxels = 4 * 16 * 16
    for item in 0..<2 {
      for index in 0..<2 {
        let part = mask[(item * 2 + index) * voxels..<(item * 2 + index + 1) * voxels]
        #expect(part.allSatisfy { $0 == (item == index ? 1 : 0) })
      }
    }
    let outcome = try train(request, fixture)
    #expect(outcome.loss.isFinite)
    let model = try ModelStore.open(ModelReference(parsing: "m"), in: fixture.database)
    #expect(model.description.classes == ["mitochondrion", "endoplasmic_reticulum"])
  }

  @Test("the boundary is where the 3×3 neighbourhood has more than one value")
  func boundary() throws {
    // Two objects that touch, on 1×6 seen from 1×12.
    let ids: [UInt16] = [0, 0, 3, 3, 3, 3, 9, 9, 9, 9, 9, 9]
    let labels = NDArray(ids, [1, 12])
    #expect(
      LabelRule.nonzero.boundary(of: labels, on: [1, 6]) == NDArray([1, 1, 1, 1, 0, 0] as [UInt8], [1, 6]))
    #expect(
      LabelRule.values([9]).boundary(of: labels, on: [1, 6])
        == NDArray([0, 0, 1, 1, 0, 0] as [UInt8], [1, 6]))
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels(covering: [Box(lower: [0, 8, 8], upper: [16, 40, 56])])
    var request = fixture.request()
    request.boundary = true
    let setup = try TrainingSetup(request, in: fixture.database)
    #expect(setup.logits == ["mitochondrion", "boundary"])
    let sources = setup.sampler.pairs[0].classes
    #expect(sources[1]?.training == [Box(lower: [0, 9, 9], upper: [16, 39, 55])])
    let outcome = try train(request, fixture)
    let (record, description, _) = try ModelStore.open(
      ModelReference(parsing: outcome.model.replacingOccurrences(of: "model:", with: "")),
      in: fixture.database)
    #expect(record.classes == ["mitochondrion", "boundary"])
    #expect(description.graph.nodes.contains { $0.name == description.graph.output })
    // A fine-tuning goes on with both.
    var tuned = fixture.request("tuned")
    (tuned.from, tuned.classes) = ("m", [])
    #expect(try TrainingSetup(tuned, in: fixture.database).logits == ["mitochondrion", "boundary"])
  }

  @Test("a new head keeps the logits in common and begins the others at random")
  func newHead() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    try fixture.addLabels("er", className: "er")
    _ = try train(fixture.request(steps: 2), fixture)
    var request = fixture.request("both", pairs: ["d/em,d/mito,d/er"], steps: 1)
    request.from = "m"
    request.classes = ["er", "mito"]
    #expect(throws: TrainingRunError.self) { _ = try TrainingSetup(request, in: fixture.database) }
    request.newHead = true
    let setup = try TrainingSetup(request, in: fixture.database)
    let old = try fixture.weights("m")
    let name = "\(setup.graph.output).weight"
    let (wanted, found) = (try #require(old[name]), try #require(setup.initial[name]))
    #expect(found.shape == [2] + wanted.shape.dropFirst())
    #expect(Array(found.elements[wanted.count...]) == wanted.elements)
    #expect(Array(found.elements[..<wanted.count]) != wanted.elements)
    for (name, tensor) in old where !name.hasPrefix("\(setup.graph.output).") {
      let isKept = setup.initial[name] == tensor
      #expect(isKept)
    }
    #expect(setup.notes.contains { $0.contains("logits kept: mitochondrion") })
    let outcome = try train(request, fixture)
    #expect(
      try fixture.database.catalog.modelVersion(ofModel: "both").classes
        == ["endoplasmic_reticulum", "mitochondrion"])
    #expect(outcome.steps == 1)
  }

  @Test("patterns freeze what they name, and one that names nothing is refused")
  func freezing() throws {
    let graph = try RSUNet.graph(widths: RSUNet.fastWidths)
    #expect(graph.learned(matching: "conv0.*") == ["conv0.weight", "conv0.bias"])
    #expect(graph.learned(matching: "*.bn1.bias").count == 8)
    #expect(graph.learned(matching: "conv0").isEmpty)
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    var request = fixture.request(steps: 2)
    request.freeze = ["conv[0]"]
    #expect(throws: TrainingRunError.self) { _ = try TrainingSetup(request, in: fixture.database) }
    request.freeze = ["*"]
    #expect(throws: TrainingRunError.self) { _ = try TrainingSetup(request, in: fixture.database) }
    request.freeze = ["conv1.*", "conv0.*"]
    request.averageDecay = 0
    _ = try train(request, fixture)
    let start = graph.initialParameters(seed: 5)
    let weights = try fixture.weights("m")
    for name in ["conv1.conv2.weight", "conv0.bias"] {
      let isFrozen = weights[name] == start[name]
      #expect(isFrozen)
    }
    let isMoved = weights["conv2.conv2.weight"] != start["conv2.conv2.weight"]
    #expect(isMoved)
  }

  @Test("it ends after validations without a better one, also when it was stopped in between")
  func patience() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    var request = fixture.request("early", steps: 40)
    (request.folds, request.fold) = (2, 1)
    request.validateEvery = 1
    request.patience = 2
    // Nothing moves, so that nothing becomes better.
    request.learningRate = 1e-30
    request.averageDecay = 0
    let outcome = try train(request, fixture)
    #expect(outcome.steps == 3)
    request.model = "resumed"
    let progress = StoppingProgress(after: 2)
    #expect(throws: StoppedOnRequest.self) {
      _ = try TrainingRun.start(
        request, in: fixture.database, progress: progress, cancellation: progress.cancellation)
    }
    let run = try #require(try fixture.database.catalog.runs(state: .stopped).first)
    let resumed = try TrainingRun.resume(
      run.id, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
    #expect(resumed.steps == 3)
  }

  @Test("a loss that explodes stops the run at its last good step, which is kept and told")
  func diverged() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    var request = fixture.request(steps: 50)
    request.schedule = .constant
    request.learningRate = 1e18
    request.gradientClip = 0
    #expect(throws: TrainingError.self) { _ = try train(request, fixture) }
    let run = try #require(try fixture.database.catalog.runs().first)
    #expect(run.state == .failed && run.error?.contains("good steps are kept") == true)
    let losses = try fixture.database.catalog.metrics(ofRun: run.id, named: "loss")
    #expect(losses.allSatisfy { $0.value.isFinite })
    let setup = try TrainingSetup(request, in: fixture.database)
    let path = "\(fixture.database.layout.runs)/\(run.id)/checkpoints/last.safetensors"
    let state = try TrainingState.read(path, graph: setup.graph).state
    #expect(state.step == losses.count && state.step > 0 && state.step < 50)
    #expect(try fixture.database.catalog.models().isEmpty)
  }

  @Test("weights that are to be kept, pictures and curves are there when it is over")
  func watching() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    var request = fixture.request()
    (request.folds, request.fold) = (2, 1)
    request.keepEvery = 2
    request.overlays = true
    let outcome = try train(request, fixture)
    let folder = "\(fixture.database.layout.runs)/\(outcome.run)"
    func names(_ part: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(part)").sorted()
    }
    #expect(try names("checkpoints") == ["step-000002.safetensors", "step-000004.safetensors"])
    #expect(try names("validation") == ["step-000002.png", "step-000004.png"])
    let kept = try CheckpointFile.read("\(folder)/checkpoints/step-000002.safetensors")
    let count = try fixture.weights("m").count
    #expect(kept.count == count)
    let points = try fixture.database.catalog.metrics(ofRun: outcome.run)
    #expect(Set(points.map(\.name)).isSuperset(of: ["time/waiting_share", "time/patches_per_second"]))
    let runs: [(run: Int64, points: [MetricPoint])] = [(outcome.run, points), (7, points)]
    let chart = try #require(LineChart(ofRuns: runs))
    #expect(chart.panels.map(\.title) == ["loss", "validation/iou_foreground", "learning rate"])
    #expect(chart.panels[0].series.map(\.points.count) == [4, 4])
    let parser = XMLCheck(chart.svg)
    #expect(parser.isWellFormed && chart.svg.contains("run 7"))
    #expect(LineChart(ofRuns: [(1, [])]) == nil)
  }

  @Test("a training in little memory gives the same bytes, and too little is refused with what is needed")
  func memory() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    var request = fixture.request("whole", steps: 2)
    request.batch = 4
    let whole = try TrainingEstimate(of: request, in: fixture.database)
    request.memory = whole.memoryBytes - 1
    let less = try TrainingEstimate(of: request, in: fixture.database)
    #expect(whole.recomputation == .none && less.recomputation != .none)
    #expect(less.memoryBytes < whole.memoryBytes)
    for (name, memory) in [("whole", nil), ("less", request.memory)] {
      (request.model, request.memory) = (name, memory)
      _ = try train(request, fixture)
    }
    let hashes = try ["whole", "less"].map {
      try fixture.database.catalog.modelVersion(ofModel: $0).weightsHash
    }
    #expect(hashes[0] == hashes[1])
    (request.model, request.memory) = ("least", 1 << 20)
    let error = #expect(throws: TrainingRunError.self) { _ = try train(request, fixture) }
    guard case .tooLittleMemory(_, let needed)? = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    request.memory = needed
    #expect(try TrainingEstimate(of: request, in: fixture.database).recomputation == .blocks)
    #expect(try fixture.database.catalog.models().map(\.name).sorted() == ["less", "whole"])
  }

  @Test("a plan says what would be done, and a time is fitted by it")
  func planning() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    var request = fixture.request(steps: 10)
    request.statisticsBatches = 1
    let estimate = try TrainingEstimate(of: request, in: fixture.database)
    #expect(estimate.voxelSize == "10,10,10nm" && estimate.request.patch == [4, 16, 16])
    #expect(estimate.secondsAStep > 0 && estimate.memoryBytes > 1 << 20 && estimate.gigaflopsAStep > 0)
    #expect(try fixture.database.catalog.runs().isEmpty)
    let fitted = try TrainingEstimate.fitted(request, to: 100 * estimate.secondsAStep, in: fixture.database)
    #expect((10...400).contains(fitted.steps))
    #expect(throws: TrainingRunError.self) {
      _ = try TrainingEstimate.fitted(request, to: 1e-6, in: fixture.database)
    }
  }
}

/// Whether XML is well-formed: every element that opens closes, in order.
private struct XMLCheck {
  let isWellFormed: Bool

  init(_ text: String) {
    var open: [Substring] = []
    var isRight = true
    for part in text.split(separator: "<").dropFirst(text.hasPrefix("<") ? 0 : 1) {
      let tag = part.prefix { $0 != ">" }
      let name = tag.drop { $0 == "/" }.prefix { $0 != " " && $0 != "/" }
      if tag.hasPrefix("/") {
        isRight = isRight && open.popLast() == name
      } else if !tag.hasSuffix("/") {
        open.append(name)
      }
    }
    isWellFormed = isRight && open.isEmpty
  }
}
