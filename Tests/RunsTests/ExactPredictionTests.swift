// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Networks
import Testing
import VolumeDatabase
import Zarr

@testable import Runs

@Suite("An exact prediction, stored")
struct ExactPredictionTests {
  /// Depths at which the first, the last and the only slab meet; heights and widths of every remainder by 8.
  static let depths = [1, 2, 3, 17, 33, 9, 2, 5]

  @Test(
    "is one pass over the image, and a region its crop, whatever size, threads and memory", arguments: 0..<8)
  func equalsOnePass(rest: Int) throws {
    let shape: Extent = [Self.depths[rest], 96 + rest, 88 + 7 - rest]
    let fixture = try TrainingFixture()
    try fixture.addImage(shape: shape)
    try fixture.addModel(widths: [2, 3, 4, 3, 4], seed: UInt64(rest))
    var random = SplitMix64(seed: UInt64(rest), name: "prediction")
    var request = fixture.prediction("d/a")
    request.probabilities = "d/p"
    request.threads = Int.random(in: 1...4, using: &random)
    if rest % 4 == 0 { request.memory = try fixture.littleMemory() }

    // One pass over everything, mirrored to multiples of 8.
    let setup = try PredictionSetup(request, in: fixture.database)
    #expect(setup.tiling.kind == .stream && setup.networks[0].field.alignment == [1, 8, 8])
    let volume = setup.volume(phase: 0, run: 0..<setup.grid.source[0])
    let whole = try setup.networks[0].probabilities(volume.input(volume.shape.map { 0..<$0 }))
    let box = Box(shape)
    let expected = PhaseFixture.cut(whole, (0..<3).map { box.range($0) })
    #expect((expected.max() ?? 0) - (expected.min() ?? 0) > 0.01, "the network says something")

    let versions = try fixture.predict(request).versions
    let (labels, shares) = (try fixture.voxels(versions[0]), try fixture.voxels(versions[1]))
    var (flipped, farthest, largest) = (0, Float(0), Float(0))
    for (index, value) in expected.enumerated() {
      largest = max(largest, abs(Float(shares[index]) - 255 * value))
      if (labels[index] == 1) != (value > 0.5) {
        flipped += 1
        farthest = max(farthest, abs(value - 0.5))
      }
    }
    // Stored in 255 steps.
    #expect(largest <= 0.5 + 255 * 2e-5 && farthest < 2e-5)
    #expect(flipped <= 2)

    let bounds = (0..<3).map { axis in
      let lower = Int.random(in: 0..<(shape[axis] + 1) / 2, using: &random)
      return lower..<Int.random(in: lower + 1...shape[axis], using: &random)
    }
    let part = Box(lower: bounds.map(\.lowerBound), upper: bounds.map(\.upperBound))
    request.region = zip("zyx", bounds).map { "\($0)=\($1.lowerBound):\($1.upperBound)" }
      .joined(separator: ",")
    (request.target, request.probabilities) = ("d/b", "d/q")
    let cut = try fixture.predict(request).versions
    #expect(try fixture.database.catalog.coverage(ofVersion: cut[0].id).map(\.box) == [part])
    let differing = zip(try fixture.voxels(versions[0], part), try fixture.voxels(cut[0], part))
      .count { $0 != $1 }
    #expect(differing <= 2)
    let pairs = zip(try fixture.voxels(versions[1], part), try fixture.voxels(cut[1], part))
    #expect(pairs.allSatisfy { abs(Int($0) - Int($1)) <= 1 })
  }

  @Test("onto a version rewrites the shards that its region touches on every level, and links the others")
  func onto() throws {
    let fixture = try TrainingFixture()
    let shape: Extent = [24, 40, 520]
    try fixture.addImage(shape: shape)
    try fixture.addModel()
    var specification = VersionSpecification(
      volume: try VolumeReference(parsing: "d/a"), kind: .prediction, dataType: .uint8, shape: shape,
      voxelSize: VoxelSize(z: 10, y: 10, x: 10))
    (specification.chunk, specification.shard) = ([8, 8, 8], [8, 16, 16])
    specification.classes = [.semantic("mitochondrion", value: 1)]
    specification.image = VersionReference(volume: try VolumeReference(parsing: "d/em"))
    let record = try fixture.database.catalog.classNamed("mito")
    let before = Box(lower: [0, 0, 0], upper: [12, 40, 520])
    let writer = try VersionWriter(specification, in: fixture.database)
    for layer in 0..<writer.layerCount {
      let box = writer.box(ofLayer: layer)
      try writer.writeLayer(
        NDArray(box.positions.map { UInt8($0[0] < 12 && $0[2] / 8 % 2 == 0 ? 1 : 0) }, box.extent),
        layer: layer)
    }
    try writer.finish(coveredBy: [CoverageBox(before, classID: record.id)])
    try fixture.database.commit([writer])

    var request = fixture.prediction("d/a")
    (request.region, request.onto) = ("z=10:20,y=5:30,x=20:50", "d/a@1")
    let made = try fixture.predict(request).versions[0]
    let parent = try fixture.database.version(VersionReference(parsing: "d/a@1"))
    let child = try fixture.database.version(made)
    let region = Box(lower: [10, 5, 20], upper: [20, 30, 50])
    #expect(child.levelCount == 3 && parent.levelCount == 3)
    var shared = [Int](repeating: 0, count: child.levelCount)
    var rewritten = shared
    for key in parent.manifest.entries.keys {
      let numbers = key.split(separator: "/").compactMap { Int($0) }
      let (level, index) = (numbers[0], Array(numbers[1...]))
      let array = try parent.array(level: level)
      // A level's voxel lies over as many of level 0 as its shape is smaller, rounded up.
      let touched = (0..<3).allSatisfy { axis in
        let factor = (shape[axis] + array.shape[axis] - 1) / array.shape[axis]
        let size = array.grid.chunk[axis]
        let (low, high) = (index[axis] * size * factor, (index[axis] + 1) * size * factor)
        return low < region.upper[axis] && high > region.lower[axis]
      }
      let inodes = try [parent, child].map { version in
        try FileManager.default.attributesOfItem(atPath: "\(version.folder)/\(key)")[.systemFileNumber]
          as? Int
      }
      #expect((inodes[0] == inodes[1]) == !touched, "\(key)")
      if touched { rewritten[level] += 1 } else { shared[level] += 1 }
    }
    #expect(rewritten.allSatisfy { $0 > 0 } && shared[0] > rewritten[0] && shared[1] > 0)

    // Outside of the region all is as it was, inside as in a prediction of the whole.
    let whole = try fixture.predict(fixture.prediction("d/b")).versions[0]
    let all = Box(shape)
    let old = try parent.read(all).elements() as [UInt8]
    let new = try child.read(all).elements() as [UInt8]
    let fresh = try fixture.voxels(whole)
    // How often each voxel is covered.
    var covered = [Int](repeating: 0, count: all.count)
    for box in child.coverage.map(\.box) {
      for at in box.positions { covered[(at[0] * shape[1] + at[1]) * shape[2] + at[2]] += 1 }
    }
    var (flipped, changed, wrong) = (0, 0, 0)
    for (index, at) in all.positions.enumerated() {
      let isInside = (0..<3).allSatisfy { region.range($0).contains(at[$0]) }
      if isInside { flipped += new[index] == fresh[index] ? 0 : 1 }
      if !isInside && new[index] != old[index] { changed += 1 }
      if (covered[index] > 0) != (isInside || at[0] < 12) { wrong += 1 }
    }
    #expect(flipped <= 3 && changed == 0)
    #expect(wrong == 0, "covered is what one of the two covered")
  }
}
