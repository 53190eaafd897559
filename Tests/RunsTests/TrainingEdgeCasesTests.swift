// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Networks
import Testing
import Training
import VolumeDatabase

@testable import Runs

@Suite("Unusual data to learn from")
struct TrainingEdgeCasesTests {
  private func train(_ request: TrainingRequest, _ fixture: TrainingFixture) throws -> TrainingRun.Outcome {
    try TrainingRun.start(
      request, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
  }

  /// A corner in which the fixture has no blob.
  private let blank = Box(lower: [0, 0, 0], upper: [16, 5, 5])

  @Test("a pair all of whose labels are background is learned from beside another, alone it is refused")
  func background() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    try fixture.addImage("empty")
    try fixture.addLabels("nothing", image: "empty", covering: [blank])
    let both = fixture.request(pairs: ["d/em,d/mito", "d/empty,d/nothing"])
    #expect(try train(both, fixture).loss.isFinite)
    #expect(throws: TrainingRunError.noForeground(className: "mitochondrion")) {
      _ = try train(fixture.request("alone", pairs: ["d/empty,d/nothing"]), fixture)
    }
    #expect(try fixture.database.catalog.runs().count == 1)
  }

  @Test("a class absent from every patch of a batch gives a finite loss")
  func absent() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    try fixture.addLabels(
      "er", className: "er", covering: [blank, Box(lower: [0, 30, 30], upper: [1, 48, 64])])
    for loss in Loss.Kind.allCases {
      var request = fixture.request(loss.rawValue.filter { $0 != "+" }, pairs: ["d/em,d/mito,d/er"], steps: 3)
      request.classes = ["mito", "er"]
      request.loss = loss
      request.dice = .sample
      #expect(try train(request, fixture).loss.isFinite)
    }
  }

  @Test("a volume of one slice gives patches of one slice")
  func oneSlice() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage(shape: [1, 48, 64])
    try fixture.addLabels(shape: [1, 48, 64])
    var request = fixture.request()
    request.augmenting = .strong
    request.patch = nil
    let outcome = try train(request, fixture)
    #expect(outcome.loss.isFinite)
    let model = try ModelStore.open(ModelReference(parsing: "m"), in: fixture.database)
    #expect(model.description.patch == [1, 48, 64])
  }

  @Test("a patch larger than a volume becomes as large as the volume, and it is said")
  func largePatch() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    var request = fixture.request()
    request.patch = [64, 512, 512]
    let setup = try TrainingSetup(request, in: fixture.database)
    #expect(setup.sampler.patch == [16, 48, 64])
    #expect(setup.notes.contains { $0.contains("16×48×64 instead of 64×512×512") })
    try fixture.addImage("tiny", shape: [4, 6, 64])
    try fixture.addLabels("tiny-mito", image: "tiny", shape: [4, 6, 64])
    #expect(throws: TrainingRunError.self) {
      _ = try train(fixture.request(pairs: ["d/tiny,d/tiny-mito"]), fixture)
    }
  }

  @Test("volumes of different voxel size learn together at one")
  func voxelSizes() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    let thick = VoxelSize(z: 40, y: 5, x: 5)
    try fixture.addImage("thick", shape: [6, 96, 128], voxelSize: thick)
    try fixture.addLabels("thick-mito", image: "thick", shape: [6, 96, 128], voxelSize: thick)
    let request = fixture.request(pairs: ["d/em,d/mito", "d/thick,d/thick-mito"])
    #expect(try train(request, fixture).loss.isFinite)
    let model = try ModelStore.open(ModelReference(parsing: "m"), in: fixture.database)
    #expect(model.description.preprocessing.voxelSize == VoxelSize(z: 40, y: 10, x: 10))
  }

  @Test("labels coarser than their image are refused in one sentence before anything starts")
  func coarse() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels(
      "coarse", shape: [16, 24, 32], voxelSize: VoxelSize(z: 10, y: 20, x: 20))
    let error = TrainingRunError.shapesDiffer(
      image: "d/em@1", imageShape: "16 × 48 × 64", labels: "d/coarse@1", labelShape: "16 × 24 × 32")
    #expect(throws: error) { _ = try train(fixture.request(pairs: ["d/em,d/coarse"]), fixture) }
    #expect("\(error)".contains("coarser labels"))
    #expect(try fixture.database.catalog.runs().isEmpty)
  }
}
