// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Networks
import Testing
import Training
import VolumeDatabase

@testable import Runs

@Suite("A network of single slices")
struct SliceNetworkTests {
  private func fixture() throws -> TrainingFixture {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    return fixture
  }

  @Test("gets patches one slice deep, wide and many, unless a person says otherwise")
  func defaults() throws {
    let fixture = try fixture()
    try fixture.addImage("wide", shape: [4, 300, 272])
    try fixture.addLabels("wide-mito", image: "wide", shape: [4, 300, 272])
    var request = TrainingRequest(model: "flat", pairs: ["d/wide,d/wide-mito"], classes: ["mito"])
    request.architecture = "unet2d"
    let setup = try TrainingSetup(request, in: fixture.database)
    #expect(setup.request.patch == [1, 256, 256] && setup.request.batch == 8)
    #expect(setup.sampler.inputShape == [8, 1, 1, 256, 256])
    #expect(setup.graph == (try UNet2D.graph(widths: UNet2D.fastWidths)))
    request.architecture = "rsunet"
    #expect(try TrainingSetup(request, in: fixture.database).sampler.inputShape == [2, 1, 4, 96, 96])
    request.architecture = "unet"
    let known = ["rsunet", "unet2d"]
    #expect(throws: TrainingRunError.unknownWord("unet", of: "architecture", known: known)) {
      try TrainingSetup(request, in: fixture.database)
    }
  }

  @Test("learns blobs, finds them in a prediction, and is fine-tuned as what it is")
  func learns() throws {
    let fixture = try fixture()
    var request = TrainingRequest(model: "m", pairs: ["d/em,d/mito"], classes: ["mito"])
    (request.architecture, request.steps, request.batch, request.patch) = ("unet2d", 30, 4, [1, 32, 32])
    (request.threads, request.seed, request.statisticsBatches) = (2, 3, 8)
    _ = try TrainingRun.start(
      request, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
    let (record, description, _) = try ModelStore.open(ModelReference(parsing: "m"), in: fixture.database)
    #expect(record.architecture == "unet2d" && description.architecture == "unet2d")
    #expect(description.graph == (try UNet2D.graph(widths: UNet2D.fastWidths)))
    #expect(description.patch == [1, 32, 32])
    let version = try fixture.predict(fixture.prediction("d/found")).versions[0]
    let found = try fixture.voxels(version)
    let box = Box([16, 48, 64] as Extent)
    var (both, either) = (0, 0)
    for (value, at) in zip(found, box.positions) {
      let isBlob = TrainingFixture.isBlob(at[0], at[1], at[2])
      both += isBlob && value != 0 ? 1 : 0
      either += isBlob || value != 0 ? 1 : 0
    }
    #expect(Double(both) / Double(either) > 0.8)
    var next = fixture.request("tuned")
    (next.from, next.patch, next.steps) = ("m", nil, 1)
    let setup = try TrainingSetup(next, in: fixture.database)
    #expect(setup.request.architecture == "unet2d" && setup.request.patch == [1, 32, 32])
    #expect(setup.description(steps: 1, validation: nil).architecture == "unet2d")
  }

  @Test("is imported from the weights that were exported, whatever its widths")
  func imported() throws {
    let fixture = try fixture()
    let graph = try UNet2D.graph(widths: [2, 3, 4, 5, 6])
    let description = ModelDescription(
      architecture: "unet2d", graph: graph, preprocessing: Preprocessing(voxelSize: nil),
      classes: [try fixture.database.catalog.classNamed("mito").name])
    _ = try ModelStore.add(
      description, weights: graph.initialParameters(seed: 4), named: "narrow", in: fixture.database)
    let path = "\(fixture.path)/narrow.safetensors"
    try ModelStore.export(ModelReference(parsing: "narrow"), to: path, in: fixture.database)
    var request = ModelImport.Request(file: path, model: "again", classes: ["mito"], voxelSize: nil)
    request.architecture = "unet2d"
    let (_, report) = try ModelImport.perform(request, in: fixture.database)
    #expect(report.isComplete)
    let again = try ModelStore.open(ModelReference(parsing: "again"), in: fixture.database)
    #expect(again.description.graph == graph && again.description.patch == [1, 256, 256])
    #expect(try fixture.weights("again") == fixture.weights("narrow"))
  }
}
