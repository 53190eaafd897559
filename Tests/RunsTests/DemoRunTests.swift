// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Testing
import VolumeDatabase

@testable import Runs

@Suite("Demo")
struct DemoRunTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("demo-\(UUID())").path

  @Test("the main job runs from slices to scores, a query and a picture")
  func mainJob() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var demo = try DemoRun(in: folder)
    demo.source.shape = [10, 96, 96]
    demo.target.shape = [10, 128, 128]
    demo.pretrainingSteps = 2
    demo.tuningSteps = 1
    demo.patch = [8, 32, 32]
    demo.threads = 1
    let outcome = try demo.start()

    #expect(outcome.arms.map(\.model) == ["model:pretrained@1", "model:finetuned@1", "model:scratch@1"])
    #expect(outcome.arms.map(\.steps) == [2, 1, 1])
    #expect(FileManager.default.fileExists(atPath: outcome.picture))
    #expect(
      Set(outcome.found.map(\.version)) == Set(["target-tissue/mito@1"] + outcome.arms.map(\.prediction)))
    let database = try VolumeDatabase(opening: outcome.database, access: .reading)
    let runs = try database.catalog.runs()
    #expect(runs.allSatisfy { $0.state == .done })
    #expect(
      runs.map(\.kind.rawValue)
        == [String](repeating: "ingest", count: 6) + ["train", "finetune", "train"]
        + ["predict", "evaluate", "predict", "evaluate", "predict", "evaluate"])
    // What was ingested is what was made.
    let truth = try database.version(VersionReference(parsing: "target-tissue/mito"))
    let volume = SyntheticVolume(demo.target)
    for z in [0, 9] {
      let slice = try truth.read(Box(lower: [z, 0, 0], upper: [z + 1, 128, 128]))
      #expect(slice.reshaped([128, 128]) == volume.slice(z).mitochondria)
    }
    // The fine-tuned model descends from the pretrained one.
    let models = try database.catalog.modelVersions()
    let finetuned = try #require(models.first { $0.model == "finetuned" })
    #expect(finetuned.parentID == models.first { $0.model == "pretrained" }?.id)
  }

  @Test("a folder that is not empty is left alone")
  func notEmpty() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(folder)/notes.txt"))
    #expect(throws: DemoError.folderNotEmpty(path: folder)) { try DemoRun(in: folder) }
    #expect(throws: DemoError.folderNotEmpty(path: "\(folder)/notes.txt")) {
      try DemoRun(in: "\(folder)/notes.txt")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["notes.txt"])
  }
}
