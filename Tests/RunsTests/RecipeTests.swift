// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Testing
import Training
import VolumeDatabase

@testable import Runs

@Suite("Recipes")
struct RecipeTests {
  private func refused(_ text: String) -> RecipeError? {
    do throws(RecipeError) {
      _ = try Recipe(parsing: text, path: "r.yaml")
      return nil
    } catch { return error }
  }

  @Test("a file says everything of a training")
  func reading() throws {
    let recipe = try Recipe(
      parsing: """
        model: liver   # a comment
        pairs:
          - a/em,a/mito
          - {image: b/em, labels: [b/mito, b/er], weight: 2.5}
        classes: [mito, er]
        voxel_size: 40,8,8nm
        patch: [12, 128, 128]
        guard: 0.2um
        steps: 800
        loss: dice+focal
        dice: sample
        schedule: two-phase
        optimizer: adamw
        freeze: conv0.*
        augmentation: {preset: published, elastic: 3, flips: true}
        ignore_values: [254]
        seed: 18446744073709551615
        keep: last
        """, path: "r.yaml")
    let request = recipe.request
    #expect(request.model == "liver" && request.pairs == ["a/em,a/mito", "b/em,b/mito,b/er"])
    #expect(request.pairWeights == [1, 2.5] && request.classes == ["mito", "er"])
    #expect(request.voxelSize == VoxelSize(z: 40, y: 8, x: 8) && request.patch == [12, 128, 128])
    #expect(request.guardNanometres == 200 && request.steps == 800 && request.seed == .max)
    #expect(request.loss == .diceFocal && request.dice == .sample && request.schedule == .twoPhase)
    #expect(request.optimizer == .adamw && request.freeze == ["conv0.*"] && request.kept == .last)
    #expect(request.augmenting == .published && request.augmentation == ["elastic": 3, "flips": 1])
    #expect(request.ignoredValues == [254] && request.batch == nil)
    #expect(try Recipe(parsing: "time: 1h30m", path: "r").seconds == 5400)
    #expect(try Recipe(parsing: "memory: 1.5GiB", path: "r").request.memory == 3 << 29)
    #expect(try Recipe(parsing: "", path: "r") == Recipe())
  }

  @Test("what is printed reads as the same")
  func roundTrip() throws {
    var request = TrainingRequest(model: "m", pairs: ["a/em@1,a/mito@2", "b/em,b/mito"], classes: ["mito"])
    #expect(try Recipe(parsing: Recipe(of: request).yaml, path: "r").request == request)
    request.pairWeights = [1, 3]
    request.from = "old@3"
    request.boundary = true
    request.ignoredValues = [7, .max]
    request.freeze = ["conv*"]
    request.patch = [8, 16, 16]
    request.voxelSize = VoxelSize(z: 29, y: 4.5, x: 4.5)
    request.guardNanometres = 150
    (request.folds, request.fold) = (5, 2)
    request.augmentation = ["blur": 1, "noise": 0.05]
    request.learningRate = 1e-30
    request.schedule = .poly
    request.loss = .focal
    request.patience = 3
    request.keepEvery = 100
    request.overlays = true
    request.threads = 2
    request.memory = 4 << 30
    request.seed = .max
    #expect(try Recipe(parsing: Recipe(of: request).yaml, path: "r").request == request)
  }

  @Test("every setting of a request has a key")
  func complete() throws {
    let settings = Mirror(reflecting: TrainingRequest(model: "", pairs: [], classes: [])).children.count
    // Pairs and their weights share one, as do augmentation and its changes, an architecture and what its file
    // said; time is no setting.
    #expect(RecipeKey.all.count == settings - 3 + 1)
  }

  @Test("an unknown key is told with its line and the nearest known name")
  func unknown() {
    #expect(
      refused("steps: 3\nlerning_rate: 1\n")
        == .unknownKey("lerning_rate", path: "r.yaml", line: 2, nearest: "learning_rate"))
    #expect(
      refused("augmentation:\n  preset: mild\n  elastik: 3\n")
        == .unknownKey("augmentation.elastik", path: "r.yaml", line: 3, nearest: "augmentation.elastic"))
    #expect(
      refused("pairs:\n- {image: a/em, lables: a/mito}")
        == .unknownKey("pairs.lables", path: "r.yaml", line: 2, nearest: "pairs.labels"))
  }

  @Test(
    "a value of the wrong kind is told with its line",
    arguments: [
      ("steps: many", 1), ("\nbatch: 1.5", 2), ("loss: dise", 1), ("patch: [1, 2]", 1),
      ("patch:\n- 1\n- x\n- 3", 3), ("boundary: 7", 1), ("voxel_size: 8", 1), ("pairs: 3", 1),
      ("time: soon", 1), ("guard: wide", 1), ("ignore_values: [a]", 1), ("seed: -1", 1),
      ("classes: {a: 1}", 1),
    ])
  func wrong(_ text: String, _ line: Int) {
    guard case .badValue(_, _, let found, _)? = refused(text) else {
      Issue.record("\(text) gave \(String(describing: refused(text)))")
      return
    }
    #expect(found == line)
  }

  @Test(
    "what is no mapping or no YAML is refused", arguments: ["- a\n- b", "steps: [", "steps: 1\nsteps: 2"])
  func malformed(_ text: String) {
    guard case .malformed? = refused(text) else {
      Issue.record("\(text) gave \(String(describing: refused(text)))")
      return
    }
  }

  @Test("the recipe of a run gives its weights again")
  func repeated() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    var request = fixture.request("first", steps: 2)
    request.schedule = .poly
    request.augmenting = .strong
    let outcome = try TrainingRun.start(
      request, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
    let stored = try TrainingRequest(recorded: fixture.database.catalog.run(outcome.run).parameters)
    var again = try Recipe(parsing: Recipe(of: stored).yaml, path: "r").request
    #expect(again == stored && again.patch == [4, 16, 16] && again.voxelSize != nil)
    again.model = "second"
    _ = try TrainingRun.start(
      again, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
    let isSame = try fixture.weights("first") == fixture.weights("second")
    #expect(isSame)
  }

  @Test("parameters that an older program recorded have today's defaults for the rest")
  func older() throws {
    let old = """
      {"augmenting":"mild","backend":"onednn","batch":3,"classes":["mitochondrion"],"isRateConstant":false,\
      "loss":"dice","model":"m","pairs":["d/em@1,d/mito@1"],"positiveWeight":1,"preset":"fast","seed":5,\
      "steps":7,"architecture":"rsunet","batchNormMomentum":0.1}
      """
    let request = try TrainingRequest(recorded: old)
    #expect(request.batch == 3 && request.loss == .dice && request.schedule == .cosine)
  }
}
