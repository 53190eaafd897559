// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Testing
import VolumeDatabase

@testable import Runs

@Suite("The transfer experiment")
struct TransferRunTests {
  private func fixture() throws -> TrainingFixture {
    let fixture = try TrainingFixture()
    for name in ["a/em", "a/other", "b/em", "c/em"] {
      let dataset = String(name.prefix(1))
      if !name.hasSuffix("other") { try fixture.database.addDataset(dataset, DatasetFacts()) }
      try fixture.addImage(name)
      try fixture.addLabels("\(name)-mito", image: name)
    }
    return fixture
  }

  private func request() -> TransferRequest {
    var request = TransferRequest(
      pretrain: ["a/em,a/em-mito", "a/other,a/other-mito", "b/em,b/em-mito"], target: "c/em,c/em-mito",
      className: "mito", slices: [2, 1])
    request.seeds = 2
    request.steps = 1
    request.pretrainSteps = 2
    request.patch = [2, 8, 8]
    request.batch = 1
    request.threads = 1
    request.alone = .zeroShot
    request.rates = [1e-3, 3e-3]
    request.name = "t"
    // Thick slices: few planes to predict.
    request.voxelSize = VoxelSize(z: 10, y: 20, x: 20)
    return request
  }

  @Test("every arm is there, stopped in the middle it goes on, and everything is in the catalog")
  func whole() throws {
    let fixture = try fixture()
    let catalog = fixture.database.catalog
    let progress = StoppingProgress(after: 2)
    // The first training of two steps is that of the base for choosing a rate.
    #expect(throws: StoppedOnRequest.self) {
      _ = try TransferRun.start(
        request(), in: fixture.database, progress: progress, cancellation: progress.cancellation)
    }
    let run = try #require(try catalog.runs().first { $0.kind == .experiment })
    #expect(run.state == .stopped)
    let before = try catalog.models().count
    let outcome = try TransferRun.resume(
      run.id, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
    #expect(before > 0 && outcome.run == run.id && outcome.rates.chosenOn == "b")

    func scores(_ method: String) -> [TransferOutcome.Score] { outcome.scores.filter { $0.method == method } }
    #expect(scores("zero-shot").map(\.source) == ["all", "a", "b"])
    // Two budgets and all labels, two repetitions.
    for method in ["finetune", "scratch", "scratch-long"] {
      #expect(scores(method).map(\.slices) == [1, 1, 2, 2, nil, nil])
      #expect(scores(method).map(\.repetition) == [1, 2, 1, 2, 1, 2])
    }
    #expect(scores("scratch-long").allSatisfy { $0.steps == 3 })
    #expect(outcome.scores.allSatisfy { $0.iouForeground != nil && $0.runs.count == 3 })

    // The target is split in x, with a part that no model learned from.
    let split = try fixture.database.splits(of: VolumeReference(parsing: "c/em-mito"))
    #expect(
      split == [
        SplitBox(.train, Box(lower: [0, 0, 0], upper: [16, 48, 41])),
        SplitBox(.test, Box(lower: [0, 0, 51], upper: [16, 48, 64])),
      ])
    let first = try #require(scores("finetune").first)
    let training = try TrainingRequest(recorded: catalog.run(first.runs[0]).parameters)
    let alone = try TrainingRequest(recorded: catalog.run(scores("zero-shot")[1].runs[0]).parameters)
    #expect(alone.pairs == ["a/em@1,a/em-mito@1", "a/other@1,a/other-mito@1"])
    #expect(training.from == "t-pretrain-all@1" && training.slices == 1 && training.kept == .last)
    #expect(training.learningRate == outcome.rates.finetune && training.seed == 1)
    let prediction = try catalog.run(first.runs[1])
    #expect(prediction.kind == .predict && prediction.state == .done)
    #expect(try catalog.evaluations(run: first.runs[2]).allSatisfy { $0.part == .test })
    let record = try fixture.database.version(VersionReference(parsing: try #require(first.prediction)))
    #expect(record.coverage.map(\.box) == [Box(lower: [0, 0, 51], upper: [16, 48, 64])])
    #expect(try catalog.run(run.id).state == .done)
    for name in ["table.json", "table.csv", "curves.svg", "experiment.json"] {
      #expect(FileManager.default.fileExists(atPath: "\(fixture.database.layout.runs)/\(run.id)/\(name)"))
    }
    #expect(outcome.csv.split(separator: "\n").count == 1 + 3 + 18)
  }

  @Test("means, spreads and paired differences are those of a calculation by hand")
  func statistics() throws {
    func score(_ method: String, _ slices: Int?, _ repetition: Int, _ iou: Double?) -> TransferOutcome.Score {
      TransferOutcome.Score(
        method: method, source: method == "finetune" ? "all" : "", slices: slices, repetition: repetition,
        steps: 1, iouForeground: iou, dice: nil, model: nil, prediction: nil, runs: [], columns: [])
    }
    let scores = [
      score("finetune", 1, 1, 0.5), score("finetune", 1, 2, 0.6), score("finetune", 1, 3, 0.7),
      score("scratch", 1, 1, 0.4), score("scratch", 1, 2, 0.3), score("scratch", 1, 3, 0.5),
      score("finetune", nil, 1, nil), score("scratch", nil, 1, 0.2),
    ]
    let rows = TransferOutcome.rows(of: scores)
    #expect(rows.map(\.count) == [3, 3, 1])
    let deviation = try #require(rows[0].deviation)
    #expect(abs(rows[0].mean - 0.6) < 1e-12 && abs(deviation - 0.1) < 1e-12)
    #expect(rows[2].deviation == nil)
    let differences = TransferOutcome.differences(of: scores)
    // 0.1, 0.3, 0.2: mean 0.2, deviation 0.1, t(2) 4.303, so ± 4.303 · 0.1 / √3.
    #expect(differences.count == 1 && abs(differences[0].mean - 0.2) < 1e-12)
    let low = try #require(differences[0].low)
    #expect(abs(low - (0.2 - 0.248434)) < 1e-5)
  }

  @Test("columns that differ alike give an interval without width, others one around the difference")
  func columns() throws {
    let even = try #require(
      ColumnBootstrap([(Array(repeating: [3, 1, 0], count: 5), Array(repeating: [2, 1, 1], count: 5))]))
    #expect(even.low == 0.25 && even.high == 0.25)
    // IoU 0.5 against 0.1 or 0.9 in equal columns.
    let mixed = try #require(
      ColumnBootstrap([
        (
          Array(repeating: [5, 5, 0], count: 8), (0..<8).map { $0 % 2 == 0 ? [1, 9, 0] : [9, 0, 1] }
        )
      ]))
    #expect(mixed.low < -0.1 && mixed.high > 0.1 && mixed.low > -0.4 && mixed.high < 0.4)
    #expect(ColumnBootstrap([([[1, 1, 1]], [[1, 1, 1]])]) == nil)
  }

  @Test("all labels are a budget of their own unless the last number of slices is as many")
  func budgets() throws {
    let fixture = try fixture()
    var request = request()
    #expect(try TransferSetup(request, in: fixture.database).budgets == [1, 2, nil])
    request.slices = [16, 2]
    #expect(try TransferSetup(request, in: fixture.database).budgets == [2, 16])
  }

  @Test("what makes no experiment is refused before anything starts")
  func refused() throws {
    let fixture = try fixture()
    func refuses(_ change: (inout TransferRequest) -> Void) {
      var request = request()
      change(&request)
      #expect(throws: TrainingRunError.self) {
        _ = try TransferRun.start(
          request, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
      }
    }
    refuses { $0.slices = [] }
    refuses { $0.slices = [1, 17] }
    refuses { $0.pretrain = [] }
    refuses { $0.target = "a/em,a/em-mito" }
    refuses { $0.className = "er" }
    refuses { $0.rates = [0] }
    #expect(try fixture.database.catalog.runs().isEmpty)
    #expect(try fixture.database.splits(of: VolumeReference(parsing: "c/em-mito")).isEmpty)
  }
}
