// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Catalog

@Suite("Lineage in the catalog")
struct LineageTests {
  @Test("a prediction leads to its run, model, training run, labels and images, and back")
  func graph() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    func run(_ kind: RunKind) throws -> Int64 {
      try catalog.startRun(RunDraft(kind: kind, programVersion: "0", host: "h", cpu: "c")).id
    }
    func version(_ name: String, _ kind: VolumeKind, run: Int64?, image: Int64? = nil) throws -> Int64 {
      var draft = scratch.draft(try scratch.volume(name, kind: kind))
      draft.runID = run
      draft.imageID = image
      return try catalog.reserveVersion(draft).id
    }
    func model(_ name: String, run: Int64, parent: Int64?) throws -> Int64 {
      let mito = try catalog.classNamed("mito").id
      var draft = ModelVersionDraft(
        modelID: try catalog.addModel(name).id, architecture: "rsunet", classIDs: [mito], parameterCount: 1,
        stagingPath: "staging/\(name)")
      draft.runID = run
      draft.parentID = parent
      return try catalog.reserveModelVersion(draft).id
    }
    let image = try version("em", .image, run: nil)
    let labels = try version("mito", .label, run: nil, image: image)
    let pretraining = try run(.train)
    let pretrained = try model("multi", run: pretraining, parent: nil)
    let tuning = try run(.finetune)
    try catalog.addInputs(
      [
        RunInput("parent", .modelVersion(pretrained)), RunInput("image", .version(image), pair: 0),
        RunInput("labels", .version(labels), pair: 0),
      ], toRun: tuning)
    let tuned = try model("tuned", run: tuning, parent: pretrained)
    let predicting = try run(.predict)
    try catalog.addInputs(
      [RunInput("model", .modelVersion(tuned)), RunInput("image", .version(image))], toRun: predicting)
    let prediction = try version("pred", .prediction, run: predicting, image: image)

    let up = try catalog.lineage(of: .version(prediction))
    #expect(up.nodes.first == .version(prediction))
    #expect(
      Set(up.nodes) == [
        .version(prediction), .run(predicting), .modelVersion(tuned), .version(image), .run(tuning),
        .modelVersion(pretrained), .version(labels), .run(pretraining),
      ])
    #expect(up.edges.contains(.init(child: .run(tuning), parent: .version(labels), role: "labels")))
    // Two each of the prediction, its run and the tuned model, three of the tuning, one each of the
    // pretrained model and the labels.
    #expect(up.edges.count == 11)
    let near = try catalog.lineage(of: .version(prediction), depth: 1)
    #expect(near.nodes == [.version(prediction), .run(predicting), .version(image)])

    let down = try catalog.lineage(of: .version(labels), .descendants)
    #expect(
      Set(down.nodes) == [
        .version(labels), .run(tuning), .modelVersion(tuned), .run(predicting), .version(prediction),
      ])
    #expect(throws: CatalogError.unknown("run:99", of: "run")) { try catalog.lineage(of: .run(99)) }
  }

  @Test("the latest committed version of a model is found by its name")
  func latestModel() throws {
    let scratch = try Scratch()
    let catalog = scratch.catalog
    let model = try catalog.addModel("Net")
    let mito = try catalog.classNamed("mito").id
    let draft = ModelVersionDraft(
      modelID: model.id, architecture: "rsunet", preprocessing: #"{"clahe":true}"#, classIDs: [mito],
      parameterCount: 12, stagingPath: "staging/x")
    let first = try catalog.reserveModelVersion(draft)
    #expect(first.path == "models/Net/1" && first.classes == ["mitochondrion"])
    #expect(throws: CatalogError.unknown("Net", of: "model version")) {
      try catalog.modelVersion(ofModel: "net")
    }
    #expect(throws: CatalogError.unhashed("model:Net@1")) {
      try catalog.sealVersions([], modelVersions: [first.id])
    }
    try catalog.setWeights(hash: String(repeating: "ab", count: 32), byteCount: 9, ofModelVersion: first.id)
    try catalog.sealVersions([], modelVersions: [first.id])
    try catalog.commitVersions([], modelVersions: [first.id])
    _ = try catalog.reserveModelVersion(draft)
    #expect(try catalog.modelVersion(ofModel: "net").id == first.id)
    #expect(try catalog.modelVersion(2, ofModel: "net").state == .staging)
    #expect(try catalog.modelVersions().map(\.reference) == ["model:Net@1"])
  }
}
