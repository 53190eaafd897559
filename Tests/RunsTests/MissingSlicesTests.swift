// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Networks
import Tensors
import Testing
import Training
import VolumeDatabase

@testable import Runs

/// Slices get lost at the microtome, or are imaged in groups: a network sees the groups as volumes of their
/// own, never the blanks between them.
@Suite("An image that lacks slices")
struct MissingSlicesTests {
  @Test(
    "is predicted as the volumes between its gaps would be",
    arguments: [
      (PredictionRequest.Mode.exact, BackendKind.oneDNN), (.exact, .openBLAS), (.seed, .oneDNN),
    ])
  func prediction(mode: PredictionRequest.Mode, backend: BackendKind) throws {
    let fixture = try TrainingFixture()
    let parts = [0..<15, 22..<40]
    try fixture.addImage("em", shape: [40, 48, 64], slices: parts)
    try fixture.addModel(voxelSize: VoxelSize(z: 20, y: 10, x: 10))
    func request(_ image: String) -> PredictionRequest {
      var request = fixture.prediction("\(image)-labels")
      request.image = image
      request.probabilities = "\(image)-found"
      (request.mode, request.backend) = (mode, backend)
      return request
    }
    let whole = try fixture.predict(request("d/em")).versions
    let boxes = parts.map { Box(lower: [$0.lowerBound, 0, 0], upper: [$0.upperBound, 48, 64]) }
    #expect(try fixture.database.catalog.coverage(ofVersion: whole[1].id).map(\.box) == boxes)
    for (number, part) in parts.enumerated() {
      try fixture.addImage("part\(number)", shape: [part.count, 48, 64], first: part.lowerBound)
      let alone = try fixture.predict(request("d/part\(number)")).versions
      let pairs = zip(try fixture.voxels(whole[1], boxes[number]), try fixture.voxels(alone[1]))
      #expect(pairs.allSatisfy { abs(Int($0) - Int($1)) <= 1 })
      let values = Set(try fixture.voxels(alone[1]))
      #expect(values.count > 10, "the network tells voxels apart")
    }
  }

  @Test("is learned from in patches that no blank slice is part of")
  func patches() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage(slices: [0..<5, 9..<16])
    try fixture.addLabels()
    var request = fixture.request()
    request.patch = [8, 16, 16]
    let setup = try TrainingSetup(request, in: fixture.database)
    #expect(setup.request.patch == [5, 16, 16])
    let source = setup.sampler.pairs[0]
    let training = try #require(source.classes[0]).training
    #expect(training.map { $0.range(0) } == [0..<5, 9..<16])
    var seen: Set<Int> = []
    for step in 0..<100 {
      let slices = try setup.sampler.place(in: source, .training, step: step, item: 0).slices
      #expect(slices == Array(slices[0]..<slices[0] + 5))
      #expect(slices[4] < 5 || slices[0] >= 9 && slices[4] < 16)
      seen.formUnion(slices)
    }
    #expect(seen == Set(0..<5).union(9..<16))
  }

  @Test("a plane of every phase in which single slices are labelled is validated, each voxel once")
  func validation() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    let labelled = [3, 6, 13]
    try fixture.addLabels(covering: labelled.map { Box(lower: [$0, 0, 0], upper: [$0 + 1, 48, 64]) })
    try fixture.database.setSplits(
      [
        SplitBox(.train, Box(lower: [0, 0, 0], upper: [16, 48, 20])),
        SplitBox(.validation, Box(lower: [0, 0, 32], upper: [16, 48, 64])),
      ], of: VolumeReference(parsing: "d/mito"))
    var request = fixture.request()
    request.voxelSize = VoxelSize(z: 40, y: 10, x: 10)
    let setup = try TrainingSetup(request, in: fixture.database)
    var measured: [Int: Int] = [:]
    for tile in try #require(setup.validation).tiles {
      for plane in tile.cell.range(0) {
        measured[tile.place.slices[plane], default: 0] += tile.cell.extent[1] * tile.cell.extent[2]
      }
    }
    #expect(labelled.map { measured[$0] } == [48 * 32, 48 * 32, 48 * 32])
  }
}
