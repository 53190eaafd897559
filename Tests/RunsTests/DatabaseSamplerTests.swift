// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Networks
import Tensors
import Testing
import Training
import VolumeDatabase

@testable import Runs

@Suite("Sampling from stored chunks")
struct DatabaseSamplerTests {
  private func setup(
    _ fixture: TrainingFixture, _ change: (inout TrainingRequest) -> Void = { _ in }
  ) throws -> TrainingSetup {
    var request = fixture.request()
    change(&request)
    return try TrainingSetup(request, in: fixture.database)
  }

  @Test("patches hold the stored voxels, labels only where they are known")
  func contents() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    let covered = [
      Box(lower: [2, 0, 0], upper: [3, 48, 64]), Box(lower: [9, 8, 10], upper: [11, 40, 50]),
    ]
    try fixture.addLabels(covering: covered)
    let whole = try setup(fixture)
    // Without equalisation and blur a grey value can be told from its position.
    var plain = whole.preprocessing
    plain.clahe = nil
    plain.blur = nil
    let pair = whole.sampler.pairs[0]
    let source = PairSource(
      image: pair.image, preprocessing: plain, grid: pair.grid, range: nil, classes: pair.classes,
      budget: 1 << 20, threads: 1)
    let sampler = DatabaseSampler(pairs: [source], seed: 3, batch: 2, patch: [4, 16, 16], classCount: 1)
    var known = 0
    for step in 0..<20 {
      let batch = try sampler.batch(.training, step: step)
      for item in 0..<2 {
        let place = try sampler.place(in: source, .training, step: step, item: item)
        let input = batch.input.elements
        let (target, mask) = (batch.target.elements, batch.mask.elements)
        for (plane, z) in place.slices.enumerated() {
          for y in 0..<16 {
            for x in 0..<16 {
              let at = ((item * 4 + plane) * 16 + y) * 16 + x
              let grey = TrainingFixture.grey(z, place.y + y, place.x + x)
              #expect(input[at] == (Float(grey) - 127.5) / 127.5)
              let isKnown = covered.contains {
                $0.contains(Box(origin: [z, place.y + y, place.x + x], extent: [1, 1, 1]))
              }
              #expect(mask[at] == (isKnown ? 1 : 0))
              let isBlob = isKnown && TrainingFixture.isBlob(z, place.y + y, place.x + x)
              #expect(target[at] == (isBlob ? 1 : 0))
              if isKnown { known += 1 }
            }
          }
        }
      }
    }
    #expect(known > 0)
  }

  @Test("every patch has a known label, and about half are centred on foreground")
  func foreground() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    // One blob in a corner of an otherwise empty field.
    try fixture.addLabels(covering: [Box(lower: [5, 0, 0], upper: [6, 48, 64])])
    let sampler = try setup(fixture).sampler
    for step in 0..<20 {
      let batch = try sampler.batch(.training, step: step)
      let mask = batch.mask.elements
      for item in 0..<2 { #expect(mask[item * 1024..<(item + 1) * 1024].contains(1)) }
    }
  }

  @Test("volumes of different voxel size take turns in a batch")
  func mixture() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    let thick = VoxelSize(z: 40, y: 5, x: 5)
    try fixture.addImage("thick", shape: [6, 96, 128], voxelSize: thick)
    try fixture.addLabels("thick-mito", image: "thick", shape: [6, 96, 128], voxelSize: thick)
    let setup = try setup(fixture) { $0.pairs = ["d/em,d/mito", "d/thick,d/thick-mito"] }
    #expect(setup.preprocessing.voxelSize == VoxelSize(z: 40, y: 10, x: 10))
    let grids = setup.sampler.pairs.map(\.grid)
    #expect(grids[0].stride == 4 && grids[1].stride == 1)
    #expect(grids[1].extent == [6, 48, 64])
    #expect(setup.sampler.patch == [4, 16, 16])
    var phases: Set<Int> = []
    for step in 0..<30 {
      let place = try setup.sampler.place(in: setup.sampler.pairs[0], .training, step: step, item: 0)
      phases.insert(place.slices[0] % 4)
      #expect(place.slices.count == 4 && place.slices.allSatisfy { $0 < 16 })
      #expect(zip(place.slices, place.slices.dropFirst()).allSatisfy { $1 - $0 == 4 })
    }
    #expect(phases == [0, 1, 2, 3])
    _ = try setup.sampler.batch(.training, step: 1)
  }

  @Test("only the training part of a split is learned from")
  func splits() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    try fixture.database.setSplits(
      [
        SplitBox(.train, Box(lower: [0, 0, 0], upper: [16, 48, 32])),
        SplitBox(.validation, Box(lower: [0, 0, 44], upper: [16, 48, 64])),
      ], of: VolumeReference(parsing: "d/mito"))
    let setup = try setup(fixture)
    for step in 0..<20 {
      let batch = try setup.sampler.batch(.training, step: step)
      let mask = batch.mask.elements
      for item in 0..<2 {
        let place = try setup.sampler.place(in: setup.sampler.pairs[0], .training, step: step, item: item)
        for index in 0..<1024 where mask[item * 1024 + index] != 0 {
          #expect(place.x + index % 16 < 32)
        }
      }
    }
    let tiles = try #require(setup.validation)
    var measured = 0
    for tile in tiles.tiles { measured += tile.cell.count }
    // Cells cover the bounding box of the validation part once.
    #expect(measured == 16 * 48 * 20)
  }

  @Test("16-bit images are mapped by their own percentiles")
  func wide() throws {
    let fixture = try TrainingFixture()
    var specification = VersionSpecification(
      volume: try VolumeReference(parsing: "d/wide"), kind: .image, dataType: .uint16, shape: [4, 32, 32],
      voxelSize: VoxelSize(z: 10, y: 10, x: 10))
    specification.chunk = [4, 16, 16]
    specification.shard = [4, 32, 32]
    let writer = try VersionWriter(specification, in: fixture.database)
    try writer.writeLayer(NDArray((0..<4096).map { UInt16(1000 + $0) }, [4, 32, 32]), layer: 0)
    try writer.finish(coverage: [Box([4, 32, 32])])
    try fixture.database.commit([writer])
    let image = try fixture.database.version(VersionReference(parsing: "d/wide"))
    let range = try #require(
      try IntensityRange(
        of: image, preprocessing: Preprocessing(voxelSize: VoxelSize(z: 10, y: 10, x: 10))))
    #expect(abs(range.low - 1004) <= 4 && abs(range.high - 5091) <= 4)
  }
}
