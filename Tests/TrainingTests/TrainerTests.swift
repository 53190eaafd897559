// SPDX-License-Identifier: Apache-2.0

import Foundation
import Networks
import Tensors
import TestData
import Testing
import Training

@Suite("Trainer")
struct TrainerTests {
  private let shape = [2, 1, 2, 16, 16]

  private static let precisions = Precision.allCases.filter(\.isSupported)

  private func trainer(
    steps: Int = 60, state: TrainingState? = nil, precision: Precision = .float32
  ) throws -> Trainer {
    let graph = try RSUNet.graph(widths: [4, 6, 8])
    var settings = TrainingSettings(steps: steps, seed: 4, threads: 1)
    settings.statisticsBatches = 4
    settings.precision = precision
    return try Trainer(
      graph, state: state ?? TrainingState(graph, parameters: graph.initialParameters(seed: 2)),
      settings: settings, sampler: BlobSampler(inputShape: shape, seed: 1))
  }

  @Test("it learns to find bright blobs", arguments: precisions)
  func learning(precision: Precision) throws {
    let trainer = try trainer(precision: precision)
    var losses: [Double] = []
    for _ in 0..<60 { losses.append(try trainer.step().loss) }
    #expect(losses[50...].reduce(0, +) < 0.5 * losses[..<10].reduce(0, +))
    // In evaluation mode too, with the statistics estimated anew.
    let plan = try Plan(trainer.graph, inputShape: shape, mode: .inference, backend: .openBLAS)
    try plan.load(trainer.model())
    let batch = BlobSampler(inputShape: shape, seed: 77).batch(.training, step: 0)
    let logits = try plan.forward(batch.input)
    let loss = Loss(.dice).value(logits: logits, target: batch.target, mask: batch.mask).loss
    #expect(loss < 0.4)
  }

  @Test("a resumed training gives the same bytes as one that was not stopped", arguments: precisions)
  func resume(precision: Precision) throws {
    let path = NSTemporaryDirectory() + "vemdb-resume-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let whole = try trainer(steps: 6, precision: precision)
    for _ in 0..<6 { _ = try whole.step() }
    let first = try trainer(steps: 6, precision: precision)
    for _ in 0..<3 { _ = try first.step() }
    _ = try first.model()
    try first.state.write(to: path)
    let second = try trainer(
      steps: 6, state: TrainingState.read(path, graph: first.graph).state, precision: precision)
    for _ in 0..<3 { _ = try second.step() }
    let isSameState = second.state == whole.state
    let isSameModel = try second.model() == whole.model()
    #expect(isSameState && isSameModel)
  }

  @Test("a loss that is no number stops it with the last good state")
  func diverged() throws {
    let graph = try RSUNet.graph(widths: [2, 3, 4])
    var batch = BlobSampler(inputShape: shape, seed: 1).batch(.training, step: 0)
    batch.input.withMutableSpan { $0[0] = .nan }
    var settings = TrainingSettings(steps: 3)
    settings.augmentation = .none
    let trainer = try Trainer(
      graph, state: TrainingState(graph, parameters: graph.initialParameters(seed: 2)),
      settings: settings, sampler: FixedSampler(fixed: batch))
    let before = trainer.state
    #expect(throws: TrainingError.self) { _ = try trainer.step() }
    let isUnchanged = trainer.state == before
    #expect(isUnchanged)
  }

  @Test("a loss above the limit stops it too")
  func exploded() throws {
    let trainer = try trainer()
    let before = trainer.state
    #expect(throws: TrainingError.self) { _ = try trainer.step(limit: 1e-3) }
    let isUnchanged = trainer.state == before
    #expect(isUnchanged)
    // And the next step is the one that would have been.
    let other = try self.trainer()
    let (again, first) = (try trainer.step(), try other.step())
    #expect(again.loss == first.loss)
  }

  @Test("two equal batches for one update are one batch, but for the running statistics")
  func accumulation() throws {
    let graph = try RSUNet.graph(widths: [2, 3, 4])
    let batch = BlobSampler(inputShape: shape, seed: 1).batch(.training, step: 0)
    let states = try [1, 2].map { parts -> TrainingState in
      var settings = TrainingSettings(steps: 3, threads: 1)
      settings.augmentation = .none
      settings.accumulation = parts
      settings.batchNormMomentum = 0
      let trainer = try Trainer(
        graph, state: TrainingState(graph, parameters: graph.initialParameters(seed: 2)),
        settings: settings, sampler: FixedSampler(fixed: batch))
      for _ in 0..<3 { _ = try trainer.step() }
      return trainer.state
    }
    for (name, tensor) in states[0].parameters {
      for (a, b) in zip(tensor.elements, try #require(states[1].parameters[name]).elements) {
        #expect(abs(a - b) < 1e-5)
      }
    }
  }

  @Test("frozen parameters stay as they are, and the others move")
  func freezing() throws {
    let graph = try RSUNet.graph(widths: [2, 3, 4])
    let start = graph.initialParameters(seed: 2)
    var settings = TrainingSettings(steps: 2, threads: 1)
    settings.optimizer = Adam(weightDecay: 0.1, isDecayDecoupled: true)
    settings.frozen = ["conv0.weight", "conv1.bn1.bias"]
    let trainer = try Trainer(
      graph, state: TrainingState(graph, parameters: start), settings: settings,
      sampler: BlobSampler(inputShape: shape, seed: 1))
    for _ in 0..<2 { _ = try trainer.step() }
    for wanted in graph.parameterSpecifications where wanted.role == .learned {
      let isSame = trainer.state.parameters[wanted.name] == start[wanted.name]
      #expect(isSame == settings.frozen.contains(wanted.name), "\(wanted.name)")
    }
  }

  private struct Expected: Decodable {
    struct Case: Decodable {
      let losses: [Double]
      enum CodingKeys: String, CodingKey { case losses = "losses_steps_0_to_4" }
    }
    let dice: Case
    let diceEntropy: Case
    enum CodingKeys: String, CodingKey {
      case dice
      case diceEntropy = "dice_ce_w5"
    }
  }

  @Test(
    "five steps of Adam on the published network have PyTorch's losses",
    .enabled(if: SharedData.isPresent, "\(SharedData.absence)"),
    arguments: [Loss(.dice), Loss(.diceCrossEntropy, positiveWeight: 5)])
  func oracle(_ loss: Loss) throws {
    let folder = "data/oracles/rsunet"
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: SharedData.url("\(folder)/training.json")))
    func tensor(_ name: String) throws -> Tensor {
      let file = try NPYFile(path: SharedData.path("\(folder)/\(name)_2x1x18x48x48.npy"))
      let values = file.type == "<f4" ? file.floats : file.octets.map { Float($0) }
      return Tensor(values, shape: [2, 1, 18, 48, 48])
    }
    let target = try tensor("train_y")
    let batch = Batch(
      input: try tensor("train_x"), target: target, mask: Tensor(repeating: 1, shape: target.shape))
    let graph = try RSUNet.graph()
    var parameters = graph.initialParameters(seed: 0)
    let path = SharedData.path("\(folder)/rsunet.pth")
    _ = try parameters.load(PyTorchCheckpoint.read(path), from: path)
    var settings = TrainingSettings(steps: 5)
    settings.loss = loss
    settings.schedule = .constant(0.002)
    settings.gradientClip = nil
    settings.averageDecay = nil
    settings.batchNormMomentum = 0.01
    settings.augmentation = .none
    let trainer = try Trainer(
      graph, state: TrainingState(graph, parameters: parameters), settings: settings,
      sampler: FixedSampler(fixed: batch))
    let losses = loss.kind == .dice ? expected.dice.losses : expected.diceEntropy.losses
    for wanted in losses {
      let found = try trainer.step().loss
      #expect(abs(found - wanted) < 1e-4 * wanted)
    }
  }
}
