// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Networks
import Tensors
import TestData
import Testing
import Training
import VolumeDatabase

@testable import Runs

@Suite("Training runs")
struct TrainingRunTests {
  private func train(_ request: TrainingRequest, _ fixture: TrainingFixture) throws -> TrainingRun.Outcome {
    try TrainingRun.start(
      request, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
  }

  @Test("a training ends in a model version with its lineage and metrics")
  func whole() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    let outcome = try train(fixture.request(), fixture)
    #expect(outcome.model == "model:m@1" && outcome.validation == nil)
    let catalog = fixture.database.catalog
    let checkpoints = "\(fixture.database.layout.runs)/\(outcome.run)/checkpoints"
    #expect(!FileManager.default.fileExists(atPath: checkpoints))
    let run = try catalog.run(outcome.run)
    #expect(run.state == .done && run.kind == .train && run.seed == 5)
    #expect(try catalog.inputs(ofRun: run.id).map(\.role) == ["image", "labels"])
    #expect(try catalog.metrics(ofRun: run.id, named: "loss").count == 4)
    let (record, description, weights) = try ModelStore.open(
      ModelReference(parsing: "m@1"), in: fixture.database)
    #expect(record.classes == ["mitochondrion"] && record.runID == run.id)
    #expect(description.preprocessing.voxelSize == VoxelSize(z: 10, y: 10, x: 10))
    #expect(description.patch == [4, 16, 16] && weights.count > 100)
  }

  @Test("the same seed gives the same bytes, another seed others")
  func reproducible() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    let names = ["a", "b", "c"]
    for name in names {
      var request = fixture.request(name)
      if name == "c" { request.seed = 6 }
      _ = try train(request, fixture)
    }
    let hashes = try names.map { try fixture.database.catalog.modelVersion(ofModel: $0).weightsHash }
    #expect(hashes[0] == hashes[1] && hashes[0] != hashes[2])
  }

  @Test("a stopped and resumed training equals one that was not stopped", arguments: [1, 3])
  func resumed(_ after: Int) throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    try fixture.database.setSplits(
      [
        SplitBox(.train, Box(lower: [0, 0, 0], upper: [16, 48, 32])),
        SplitBox(.validation, Box(lower: [0, 0, 48], upper: [16, 48, 64])),
      ], of: VolumeReference(parsing: "d/mito"))
    let whole = try train(fixture.request("whole"), fixture)
    let progress = StoppingProgress(after: after)
    #expect(throws: StoppedOnRequest.self) {
      _ = try TrainingRun.start(
        fixture.request("parts"), in: fixture.database, progress: progress,
        cancellation: progress.cancellation)
    }
    let catalog = fixture.database.catalog
    let run = try #require(try catalog.runs(state: .stopped).first)
    #expect(try catalog.models().map(\.name) == ["whole"])
    let outcome = try TrainingRun.resume(
      run.id, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
    #expect(outcome.validation == whole.validation && outcome.validation != nil)
    let hashes = try ["whole", "parts"].map { try catalog.modelVersion(ofModel: $0).weightsHash }
    #expect(hashes[0] == hashes[1])
    // How fast it went is another thing.
    func series(_ id: Int64) throws -> [MetricPoint] {
      try catalog.metrics(ofRun: id).filter { !$0.name.hasPrefix("time/") }
    }
    #expect(try series(whole.run) == series(run.id))
    #expect(throws: (any Error).self) {
      _ = try TrainingRun.resume(
        run.id, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
    }
  }

  @Test("a run whose split was changed is not resumed")
  func changed() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    let progress = StoppingProgress(after: 1)
    #expect(throws: StoppedOnRequest.self) {
      _ = try TrainingRun.start(
        fixture.request(), in: fixture.database, progress: progress, cancellation: progress.cancellation)
    }
    try fixture.database.setSplits(
      [SplitBox(.train, Box(lower: [0, 0, 0], upper: [8, 48, 64]))], of: VolumeReference(parsing: "d/mito"))
    let run = try #require(try fixture.database.catalog.runs(state: .stopped).first)
    #expect(throws: TrainingRunError.self) {
      _ = try TrainingRun.resume(
        run.id, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
    }
  }

  @Test("a fine-tuning begins with the parent's weights and keeps its preprocessing")
  func finetuned() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    let fine = VoxelSize(z: 10, y: 5, x: 5)
    try fixture.addImage("fine", voxelSize: fine)
    try fixture.addLabels("fine-mito", image: "fine", voxelSize: fine)
    _ = try train(fixture.request(), fixture)
    var request = fixture.request("tuned", pairs: ["d/fine,d/fine-mito"])
    request.from = "m"
    request.classes = []
    request.slices = 2
    request.learningRate = 1e-30
    let outcome = try train(request, fixture)
    let (record, description, weights) = try ModelStore.open(
      ModelReference(parsing: "tuned"), in: fixture.database)
    #expect(description.preprocessing.voxelSize == VoxelSize(z: 10, y: 10, x: 10))
    #expect(description.classes == ["mitochondrion"])
    let parent = try fixture.database.catalog.modelVersion(ofModel: "m")
    #expect(record.parentID == parent.id)
    #expect(try fixture.database.catalog.run(outcome.run).kind == .finetune)
    // A learning rate of nothing leaves the weights as they were.
    #expect(try weights["conv3.conv2.weight"] == fixture.weights("m")["conv3.conv2.weight"])

    // Weights that somebody changed are not the parent that the lineage would name.
    let path = "\(fixture.database.folder(of: parent))/\(ModelDescription.weightsName)"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count - 1] ^= 0x40
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(throws: CheckpointError.self) { try train(request, fixture) }
  }

  @Test("what cannot be learned from is refused before anything starts")
  func refused() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    try fixture.addImage("small", shape: [16, 40, 64])
    try fixture.addLabels("nowhere", covering: [])
    try fixture.addLabels("other", className: "er")
    let coarse = VoxelSize(z: 10, y: 5, x: 5)
    try fixture.addImage("half", voxelSize: coarse)
    // A single pixel is no whole voxel at the working voxel size.
    try fixture.addLabels(
      "pixel", image: "half", voxelSize: coarse,
      covering: [Box(lower: [3, 5, 5], upper: [4, 6, 6])])
    func refuses(_ error: TrainingRunError, _ change: (inout TrainingRequest) -> Void) {
      var request = fixture.request()
      change(&request)
      #expect(throws: error) { _ = try train(request, fixture) }
    }
    refuses(.badPair("d/em")) { $0.pairs = ["d/em"] }
    refuses(.wrongKind("d/mito@1", is: "label", asked: "an image")) { $0.pairs = ["d/mito,d/mito"] }
    refuses(.wrongKind("d/em@1", is: "image", asked: "a label volume")) { $0.pairs = ["d/em,d/em"] }
    refuses(
      .shapesDiffer(
        image: "d/small@1", imageShape: "16 × 40 × 64", labels: "d/mito@1", labelShape: "16 × 48 × 64")
    ) { $0.pairs = ["d/small,d/mito"] }
    refuses(
      .classNotLabelled(
        className: "mitochondrion", pair: "d/em@1,d/other@1", found: ["endoplasmic_reticulum"])
    ) { $0.pairs = ["d/em,d/other"] }
    refuses(.nothingCovered(className: "mitochondrion", labels: "d/nowhere@1", split: false)) {
      $0.pairs = ["d/em,d/nowhere"]
    }
    refuses(.nothingCovered(className: "mitochondrion", labels: "d/pixel@1", split: false)) {
      $0.pairs = ["d/half,d/pixel"]
    }
    refuses(.badOption("--steps", reason: "at least one step is needed")) { $0.steps = 0 }
    refuses(.badPatch("4×17×16", reason: "height and width must be multiples of 8")) {
      $0.patch = [4, 17, 16]
    }
    for change: (inout TrainingRequest) -> Void in [
      { $0.pairs = ["d/unknown,d/mito"] }, { $0.classes = ["mitochondrium"] }, { $0.from = "nothing" },
      { $0.model = "../escape" }, { $0.pairs = ["d/em@7,d/mito"] },
    ] {
      var request = fixture.request()
      change(&request)
      #expect(throws: (any Error).self) { _ = try train(request, fixture) }
    }
    try fixture.database.setSplits(
      [
        SplitBox(.train, Box(lower: [0, 0, 0], upper: [8, 48, 64])),
        SplitBox(.validation, Box(lower: [9, 0, 0], upper: [16, 48, 64])),
      ], of: VolumeReference(parsing: "d/mito"), guarding: SplitGuard(nanometres: 0))
    #expect(throws: DatabaseError.self) { _ = try train(fixture.request(), fixture) }
    #expect(try fixture.database.catalog.runs().isEmpty)
    #expect(try fixture.database.catalog.models().isEmpty)
  }

  @Test("a loss that is no number stops the run, which keeps its last good checkpoint")
  func diverged() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    var request = fixture.request()
    request.learningRate = 1e30
    request.schedule = .constant
    #expect(throws: TrainingError.self) { _ = try train(request, fixture) }
    let run = try #require(try fixture.database.catalog.runs(state: .failed).first)
    #expect(run.error?.contains("no finite number") == true)
    #expect(try fixture.database.catalog.models().isEmpty)
  }

  @Test(
    "a PyTorch file becomes a model, and what it lacks is told",
    .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
  func imported() throws {
    let fixture = try TrainingFixture()
    func request(_ file: String) -> ModelImport.Request {
      ModelImport.Request(
        file: SharedData.path("data/oracles/\(file)"), model: "seed", classes: ["mito"],
        voxelSize: VoxelSize(z: 50, y: 28, x: 28))
    }
    let (version, report) = try ModelImport.perform(request("rsunet/rsunet.pth"), in: fixture.database)
    #expect(version.reference == "model:seed@1" && report.isComplete)
    #expect(version.parameterCount == 1_439_705)
    let part = try ModelImport.perform(request("rsunet/rsunet_nested_part.pth"), in: fixture.database)
    #expect(part.version.reference == "model:seed@2" && !part.report.isComplete)
    for file in ["sam2/tiny_malicious.pt", "sam2/tiny_checkpoint.pt", "rsunet/training.json"] {
      #expect(throws: CheckpointError.self) {
        _ = try ModelImport.perform(request(file), in: fixture.database)
      }
    }
    #expect(try fixture.database.catalog.runs().count == 2)
    var hostile = Parameters()
    hostile["conv1.conv1.weight"] = Tensor(zeros: [100_000, 1, 1, 1, 1])
    let path = "\(fixture.path)/hostile.safetensors"
    try Safetensors.write(hostile, to: path)
    var wide = request("")
    wide.file = path
    #expect(throws: CheckpointError.self) {
      _ = try ModelImport.perform(wide, in: fixture.database)
    }
    let exported = "\(fixture.path)/seed.safetensors"
    try ModelStore.export(ModelReference(parsing: "seed@1"), to: exported, in: fixture.database)
    #expect(try CheckpointFile.read(exported) == fixture.weights("seed@1"))
  }
}
