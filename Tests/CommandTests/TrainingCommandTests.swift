// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

@Suite("Training from the command line", .serialized)
struct TrainingCommandTests {
  let folder: TemporaryFolder
  let vemdb: VemdbProgram

  init() throws {
    folder = try TemporaryFolder()
    vemdb = VemdbProgram(database: folder("lab.vemdb"))
    func isDisc(_ y: Int, _ x: Int) -> Bool {
      (y % 32 - 16) * (y % 32 - 16) + (x % 32 - 16) * (x % 32 - 16) < 64
    }
    for (name, value) in [
      ("image", { isDisc($0, $1) ? 60 : 170 }), ("labels", { isDisc($0, $1) ? 255 : 0 }),
    ] as [(String, (Int, Int) -> UInt8)] {
      try FileManager.default.createDirectory(at: folder(name), withIntermediateDirectories: true)
      let file = SliceFile.tiff(width: 64, height: 64, value: value)
      for number in 0..<6 { try file.write(to: folder(name).appendingPathComponent("\(number).tif")) }
    }
    for words in [
      ["init", folder("lab.vemdb").path], ["dataset", "add", "d"],
      ["ingest", "image", "d/em", folder("image").path, "--voxel-size", "40,10,10nm"],
      ["ingest", "labels", "d/mito", folder("labels").path, "--like", "d/em", "--classes", "mito=255"],
    ] {
      let outcome = try vemdb.run(words)
      try #require(outcome.exitCode == 0, "\(words) gave \(outcome)")
    }
  }

  private func recipe(_ text: String) throws -> String {
    let file = folder("r.yaml")
    try Data(text.utf8).write(to: file)
    return file.path
  }

  @Test("what makes no sense is wrong use, told in one sentence")
  func wrongUse() throws {
    for (words, part) in [
      (["train", "m", "--pair", "d/em,d/mito"], "--class"),
      (["train", "m", "--class", "mito"], "--pair"),
      (["train", "--pair", "d/em,d/mito", "--class", "mito"], "name the model"),
      (["finetune", "m", "--pair", "d/em,d/mito"], "--from"),
      (["train", "m", "--pair", "d/em,d/mito", "--class", "mito", "--fold", "2"], "--folds"),
      (["train", "m", "--pair", "d/em,d/mito", "--class", "mito", "--time", "soon"], "'soon'"),
      (
        ["train", "m", "--pair", "d/em,d/mito", "--class", "mito", "--time", "9s", "--steps", "1"], "--steps"
      ),
      (["train", "m", "--pair", "d/em,d/mito", "--class", "mito", "--augment", "elastik=1"], "elastik"),
      (["train", "m", "--pair", "d/em,d/mito", "--class", "mito", "--loss", "dise"], "dise"),
      (["train", "m", "--recipe", try recipe("pairs: [a]\nclases: [mito]\n")], "line 2"),
    ] {
      let outcome = try vemdb.run(words)
      #expect(outcome.exitCode == 2, "\(words) gave \(outcome)")
      #expect(outcome.standardError.contains(part), "\(words) gave \(outcome)")
      #expect(outcome.standardError.split(separator: "\n").count == 1)
    }
  }

  @Test("folds without a fold are trained one after another, each into a version of its own")
  func folds() throws {
    let words = [
      "train", "m", "--pair", "d/em,d/mito", "--class", "mito", "--batch", "1", "--patch", "4,16,16",
      "--steps",
      "2", "--folds", "2", "--format", "json",
    ]
    let plan = try vemdb.run(words + ["--plan"])
    #expect(plan.exitCode == 0 && plan.standardError.contains("each of 2 folds"), "\(plan)")
    let outcome = try vemdb.run(words)
    #expect(outcome.exitCode == 0 && outcome.standardError.contains("fold 2 of 2"), "\(outcome)")
    let trained =
      try JSONSerialization.jsonObject(with: Data(outcome.standardOutput.utf8)) as? [[String: Any]]
    #expect(trained?.map { $0["model"] as? String } == ["model:m@1", "model:m@2"])
    let scores = trained?.compactMap { $0["validation_iou_foreground"] as? Double }
    #expect(scores?.count == 2)
    for (words, part) in [(["--folds", "1"], "two folds"), (["--folds", "3", "--fold", "4"], "--fold")] {
      let outcome = try vemdb.run(["train", "m", "--pair", "d/em,d/mito", "--class", "mito"] + words)
      #expect(outcome.exitCode == 2 && outcome.standardError.contains(part), "\(outcome)")
    }
  }

  @Test("a recipe, what options change of it, and the recipe of the run")
  func recipes() throws {
    let path = try recipe(
      """
      model: m
      pairs: ["d/em,d/mito"]
      classes: [mito]
      steps: 9
      batch: 1
      patch: [4, 16, 16]
      statistics_batches: 2
      threads: 1
      """)
    let plan = try vemdb.run(["train", "--recipe", path, "--plan", "--format", "json"])
    let facts = try JSONSerialization.jsonObject(with: Data(plan.standardOutput.utf8)) as? [String: Any]
    #expect(facts?["steps"] as? Int == 9 && facts?["voxel_size"] as? String == "40,10,10nm")
    #expect(try vemdb.run(["run", "list"]).standardOutput.contains("train") == false)
    let trained = try vemdb.run(["train", "--recipe", path, "--steps", "2", "--seed", "4"])
    #expect(trained.exitCode == 0, "\(trained)")
    let shown = try vemdb.run(["run", "show", "3", "--recipe"])
    #expect(shown.standardOutput.contains("steps: 2\n") && shown.standardOutput.contains("seed: 4\n"))
    let again = try vemdb.run(["train", "again", "--recipe", try recipe(shown.standardOutput)])
    #expect(again.exitCode == 0, "\(again)")
    func hash(_ model: String) throws -> String? {
      let outcome = try vemdb.run(["model", "show", model, "--format", "json"])
      let object = try JSONSerialization.jsonObject(with: Data(outcome.standardOutput.utf8))
      return (object as? [String: Any])?["weights_hash"] as? String
    }
    #expect(try hash("m") == hash("again") && hash("m") != nil)
    let drawn = try vemdb.run(["run", "show", "3", "4", "--plot", folder("curves.svg").path])
    #expect(drawn.exitCode == 0, "\(drawn)")
    #expect(try String(contentsOf: folder("curves.svg"), encoding: .utf8).hasPrefix("<svg"))
    #expect(try vemdb.run(["run", "show", "1", "--plot", folder("no.svg").path]).exitCode == 2)
  }
}
