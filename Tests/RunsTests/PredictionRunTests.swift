// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Networks
import Tensors
import TestData
import Testing
import VolumeDatabase

@testable import Runs

extension TrainingFixture {
  /// A narrow network of random weights, whose answers lie around one half.
  @discardableResult
  func addModel(
    _ name: String = "m", widths: [Int] = [4, 5, 6], classes: [String] = ["mito"],
    voxelSize: VoxelSize = VoxelSize(z: 10, y: 10, x: 10), seed: UInt64 = 1
  ) throws -> ModelVersionRecord {
    let graph = try RSUNet.graph(widths: widths, outputChannels: classes.count)
    var preprocessing = Preprocessing(voxelSize: voxelSize)
    preprocessing.clahe = nil
    let description = ModelDescription(
      architecture: "rsunet", graph: graph, preprocessing: preprocessing,
      classes: try classes.map { try database.catalog.classNamed($0).name })
    var weights = graph.initialParameters(seed: seed)
    weights["conv\(2 * widths.count - 1).bias"] = Tensor(zeros: [classes.count])
    return try ModelStore.add(description, weights: weights, named: name, in: database)
  }

  func prediction(_ target: String, memory: Int = 1 << 30) -> PredictionRequest {
    var request = PredictionRequest(model: "m", image: "d/em", target: target, threads: 2)
    request.memory = memory
    return request
  }

  /// So little memory that the image is cut into several tiles, but not into very many.
  func littleMemory() throws -> Int {
    var memory = 1
    while true {
      do {
        let setup = try PredictionSetup(prediction("d/never", memory: memory), in: database)
        let tiles = zip(setup.grid.extent.sizes, setup.tiling.core).map { ($0 + $1 - 1) / $1 }
        if tiles.reduce(1, *) <= 16 { return memory }
        memory += memory / 10
      } catch PredictionError.tooLittleMemory(_, let needed) {
        memory = needed
      }
    }
  }

  func predict(
    _ request: PredictionRequest, progress: any ProgressReporter = SilentProgress(),
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> PredictionRun.Outcome {
    try PredictionRun.start(request, in: database, progress: progress, cancellation: cancellation)
  }

  func voxels(_ version: VersionRecord, _ box: Box? = nil) throws -> [UInt8] {
    try database.version(version).read(box ?? Box(version.shape)).elements()
  }
}

@Suite("A prediction")
struct PredictionRunTests {
  private func fixture(voxelSize: VoxelSize = VoxelSize(z: 10, y: 10, x: 10)) throws -> TrainingFixture {
    let fixture = try TrainingFixture()
    try fixture.addImage(shape: [40, 80, 96])
    try fixture.addModel(voxelSize: voxelSize)
    return fixture
  }

  @Test("made twice gives equal content and equal shards")
  func repeatable() throws {
    let fixture = try fixture()
    let versions = try ["d/a", "d/b"].map { try fixture.predict(fixture.prediction($0)).versions[0] }
    #expect(versions[0].contentHash != nil && versions[0].contentHash == versions[1].contentHash)
    let shards = try versions.map { try fixture.database.version($0).manifest.sorted }
    #expect(shards[0] == shards[1] && !shards[0].isEmpty)
    let voxels = try fixture.voxels(versions[0])
    #expect(Set(voxels) == [0, 1], "the network finds something, but not everything")
  }

  @Test("hardly depends on how much memory there was", arguments: [1.0, 2.0])
  func memory(stride: Double) throws {
    let fixture = try fixture(voxelSize: VoxelSize(z: 10 * stride, y: 13, x: 13))
    let whole = try fixture.predict(fixture.prediction("d/a"))
    let tiled = try fixture.predict(fixture.prediction("d/b", memory: fixture.littleMemory()))
    #expect(tiled.tile != whole.tile)
    let flipped = zip(try fixture.voxels(whole.versions[0]), try fixture.voxels(tiled.versions[0]))
      .count { $0 != $1 }
    #expect(flipped <= 3)
  }

  @Test(
    "of a region is the crop of the whole, and covers the region alone",
    arguments: PredictionRequest.Mode.allCases)
  func region(mode: PredictionRequest.Mode) throws {
    let fixture = try fixture(voxelSize: VoxelSize(z: 20, y: 13, x: 13))
    var request = fixture.prediction("d/a")
    request.mode = mode
    let whole = try fixture.predict(request).versions[0]
    request.target = "d/b"
    request.region = "z=3:31,y=10:70,x=33:96"
    let part = try fixture.predict(request).versions[0]
    let box = Box(lower: [3, 10, 33], upper: [31, 70, 96])
    #expect(try fixture.database.catalog.coverage(ofVersion: part.id).map(\.box) == [box])
    let flipped = zip(try fixture.voxels(whole, box), try fixture.voxels(part, box)).count { $0 != $1 }
    #expect(flipped <= 3)
    let outside = try fixture.voxels(part, Box(lower: [0, 0, 0], upper: [3, 80, 96]))
    #expect(outside.allSatisfy { $0 == 0 })
  }

  @Test("onto a version keeps what lies outside of its region")
  func onto() throws {
    let fixture = try fixture()
    var request = fixture.prediction("d/a")
    request.region = "z=0:16"
    let first = try fixture.predict(request).versions[0]
    request.region = "z=20:30,x=0:64"
    request.onto = "d/a@1"
    let second = try fixture.predict(request).versions[0]
    #expect(second.number == 2 && second.parentID == first.id)
    let kept = Box(lower: [0, 0, 0], upper: [16, 80, 96])
    #expect(try fixture.voxels(first, kept) == fixture.voxels(second, kept))
    let whole = try fixture.predict(fixture.prediction("d/b")).versions[0]
    let new = Box(lower: [20, 0, 0], upper: [30, 80, 64])
    let flipped = zip(try fixture.voxels(whole, new), try fixture.voxels(second, new)).count { $0 != $1 }
    #expect(flipped <= 3)
    let covered = try fixture.database.catalog.coverage(ofVersion: second.id).map(\.box)
    #expect(Set(covered) == [kept, new])
  }

  @Test("stores probabilities that its labels follow from")
  func probabilities() throws {
    let fixture = try fixture()
    var request = fixture.prediction("d/a")
    request.probabilities = "d/p"
    request.threshold = 0.52
    let versions = try fixture.predict(request).versions
    #expect(versions.map(\.kind) == [.prediction, .probability])
    #expect(versions[1].valueScale == 1 / 255.0)
    let (labels, shares) = (try fixture.voxels(versions[0]), try fixture.voxels(versions[1]))
    // Half a step of rounding lies between the two.
    for (label, share) in zip(labels, shares) {
      #expect(label == 1 ? Double(share) >= 0.52 * 255 - 0.5 : Double(share) <= 0.52 * 255 + 0.5)
    }
  }

  @Test("of several classes gives each voxel the likeliest")
  func classes() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addModel(classes: ["mito", "er"])
    var request = fixture.prediction("d/a")
    request.probabilities = "d/p"
    request.threshold = 0.1
    let versions = try fixture.predict(request).versions
    #expect(versions.map(\.volume).sorted() == ["a", "p-endoplasmic_reticulum", "p-mitochondrion"])
    let voxels = try versions.map { try fixture.voxels($0) }
    for index in voxels[0].indices {
      let (mito, er) = (voxels[1][index], voxels[2][index])
      if mito > er { #expect(voxels[0][index] == 1) }
      if er > mito { #expect(voxels[0][index] == 2) }
    }
  }

  @Test("that was stopped ends, once resumed, in the same bytes", arguments: [1, 2, 4])
  func resumed(after tiles: Int) throws {
    let fixture = try fixture()
    var request = try fixture.prediction("d/a", memory: fixture.littleMemory())
    request.probabilities = "d/ap"
    let expected = try fixture.predict(request).versions
    request.target = "d/b"
    request.probabilities = "d/bp"
    let progress = StoppingProgress(after: tiles)
    #expect(throws: StoppedOnRequest.self) {
      try fixture.predict(request, progress: progress, cancellation: progress.cancellation)
    }
    let run = try #require(try fixture.database.catalog.runs().last)
    #expect(run.state == .stopped)
    let found = try PredictionRun.resume(
      run.id, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag()
    ).versions
    #expect(found.map(\.contentHash) == expected.map(\.contentHash))
    let shards = try (expected + found).map { try fixture.database.version($0).manifest.sorted }
    #expect(shards[0] == shards[2] && shards[1] == shards[3])
    #expect(try fixture.database.catalog.run(run.id).state == .done)
  }

  @Test("that was stopped does not go on with another setting, other weights or another network")
  func changed() throws {
    let fixture = try fixture()
    let progress = StoppingProgress(after: 1)
    #expect(throws: StoppedOnRequest.self) {
      try fixture.predict(
        try fixture.prediction("d/a", memory: fixture.littleMemory()), progress: progress,
        cancellation: progress.cancellation)
    }
    let catalog = fixture.database.catalog
    let run = try #require(try catalog.runs().last)
    func resume() throws -> PredictionRun.Outcome {
      try PredictionRun.resume(
        run.id, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
    }
    let other = run.parameters.replacingOccurrences(of: #""threshold":0.5"#, with: #""threshold":0.25"#)
    #expect(other != run.parameters)
    try catalog.setParameters(other, ofRun: run.id)
    #expect(throws: PredictionError.self) { try resume() }
    try catalog.setParameters(run.parameters, ofRun: run.id)

    let folder = fixture.database.folder(of: try fixture.database.modelVersion(ModelReference(parsing: "m")))
    for (name, error) in [
      (ModelDescription.weightsName, "\(CheckpointError.self)"), ("model.json", "\(PredictionError.self)"),
    ] {
      let file = URL(fileURLWithPath: "\(folder)/\(name)")
      let whole = try Data(contentsOf: file)
      var changed = whole
      if name == "model.json" {
        let text = String(decoding: whole, as: UTF8.self)
        changed = Data(text.replacingOccurrences(of: "1e-05", with: "2e-05").utf8)
      } else {
        changed[changed.count - 1] ^= 0x40
      }
      #expect(changed != whole)
      try changed.write(to: file, options: .atomic)
      let thrown = #expect(throws: (any Error).self) { try resume() }
      #expect(thrown.map { "\(type(of: $0))" } == error, "\(String(describing: thrown))")
      try whole.write(to: file, options: .atomic)
    }
    #expect(try resume().versions[0].state == .committed)
  }

  @Test("of two models is the mean of both, and needs two that see alike")
  func ensemble() throws {
    let fixture = try fixture()
    try fixture.addModel("n", widths: [3, 5, 6], seed: 2)
    try fixture.addModel("other", voxelSize: VoxelSize(z: 10, y: 12, x: 12))
    var voxels: [[UInt8]] = []
    for (index, models) in [["m"], ["n"], ["m", "n"]].enumerated() {
      var request = fixture.prediction("d/a\(index)")
      request.model = models[0]
      request.others = Array(models.dropFirst())
      request.probabilities = "d/p\(index)"
      voxels.append(try fixture.voxels(try fixture.predict(request).versions[1]))
    }
    for index in voxels[0].indices {
      let mean = (Double(voxels[0][index]) + Double(voxels[1][index])) / 2
      #expect(abs(Double(voxels[2][index]) - mean) <= 1)
    }
    var request = fixture.prediction("d/b")
    request.others = ["other"]
    #expect(throws: PredictionError.unlikeModels("model:m@1", "model:other@1")) {
      try fixture.predict(request)
    }
  }

  @Test("augmented is the mean over the turned images, and differs from the plain one")
  func augmented() throws {
    let fixture = try fixture()
    var request = fixture.prediction("d/a")
    request.probabilities = "d/p"
    let plain = try fixture.voxels(try fixture.predict(request).versions[1])
    request.target = "d/b"
    request.probabilities = "d/q"
    request.augments = true
    let mean = try fixture.voxels(try fixture.predict(request).versions[1])
    #expect(plain != mean)
    let total = { (voxels: [UInt8]) in voxels.reduce(0.0) { $0 + Double($1) } / Double(voxels.count) }
    #expect(abs(total(plain) - total(mean)) < 8)
  }

  @Test("that skips blank shards leaves them uncovered")
  func blank() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage(shape: [40, 80, 96])
    try fixture.addModel()
    var request = fixture.prediction("d/a")
    request.skipsBlank = true
    let version = try fixture.predict(request).versions[0]
    // Nothing is blank here: all is covered.
    let covered = try fixture.database.catalog.coverage(ofVersion: version.id).map(\.box)
    #expect(covered.reduce(0) { $0 + $1.count } == 40 * 80 * 96)
    let whole = try fixture.predict(fixture.prediction("d/b")).versions[0]
    #expect(try fixture.voxels(version) == fixture.voxels(whole))
  }

  @Test("in bfloat16 is nearly that in float32", .enabled(if: Precision.bfloat16.isSupported))
  func bfloat16() throws {
    let fixture = try fixture()
    var request = fixture.prediction("d/a")
    request.probabilities = "d/p"
    let exact = try fixture.voxels(try fixture.predict(request).versions[1])
    request.target = "d/b"
    request.probabilities = "d/q"
    request.precision = .bfloat16
    let rough = try fixture.voxels(try fixture.predict(request).versions[1])
    #expect(zip(exact, rough).allSatisfy { abs(Int($0) - Int($1)) <= 6 })
  }

  @Test("records its model, its image and the tiles that it used")
  func lineage() throws {
    let fixture = try fixture()
    let outcome = try fixture.predict(fixture.prediction("d/a", memory: fixture.littleMemory()))
    let run = try fixture.database.catalog.run(outcome.run)
    let record = try JSONDecoder().decode(PredictionRecord.self, from: Data(run.parameters.utf8))
    #expect(record.request.model == "m@1" && record.request.image == "d/em@1")
    #expect(record.tiling.core == outcome.tile && record.request.threshold == 0.5)
    #expect(try fixture.database.catalog.inputs(ofRun: run.id).map(\.role).sorted() == ["image", "model"])
  }

  @Test("that cannot be made is refused in one sentence and leaves nothing")
  func refusals() throws {
    let fixture = try fixture()
    try fixture.addLabels(shape: [40, 80, 96])
    try fixture.addImage("small", shape: [4, 1, 30])
    func refused(_ change: (inout PredictionRequest) -> Void) -> String {
      var request = fixture.prediction("d/a")
      change(&request)
      do {
        _ = try fixture.predict(request)
        return "was not refused"
      } catch {
        return "\(error)"
      }
    }
    #expect(refused { $0.model = "none" }.contains("none"))
    #expect(refused { $0.image = "d/mito" }.contains("needs an image"))
    #expect(refused { $0.image = "d/small" }.contains("at least 2"))
    #expect(refused { $0.region = "z=30:50" }.contains("leaves d/em@1: valid is"))
    #expect(refused { $0.memory = 1 << 20 }.contains("--memory"))
    #expect(refused { $0.onto = "d/em" }.contains("no version of d/a"))
    #expect(refused { $0.threshold = 2 }.contains("--threshold"))
    #expect(
      refused {
        $0.mode = .seed
        $0.augments = true
      }.contains("--augment"))
    #expect(try fixture.database.catalog.runs().isEmpty)
    #expect(try fixture.database.catalog.versions(kind: .prediction).isEmpty)
  }
}
