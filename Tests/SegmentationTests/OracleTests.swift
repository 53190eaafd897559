// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles
@testable import Segmentation
import TestData
import Testing

/// `expected.json` was computed with SciPy, scikit-image and cc3d.
@Suite(
  "Other programs' measures", .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct OracleTests {
  let expected: Expected

  init() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    expected = try decoder.decode(
      Expected.self, from: try Data(contentsOf: SharedData.url("data/oracles/metrics/expected.json")))
  }

  @Test("confusion counts and the measures made of them")
  func confusion() throws {
    let counts = ConfusionCounts(
      prediction: try volume("prediction_binary"), truth: try volume("truth_binary"))
    #expect(counts.truePositives == expected.confusion.tp)
    #expect(counts.falsePositives == expected.confusion.fp)
    #expect(counts.falseNegatives == expected.confusion.fn)
    #expect(counts.trueNegatives == expected.confusion.tn)
    #expect(near(counts.dice, expected.dice))
    #expect(near(counts.iouForeground, expected.iouForeground))
    #expect(near(counts.iouBackground, expected.iouBackground))
    #expect(near(counts.iouMean, expected.iouMeanOfBoth))
    #expect(near(counts.precision, expected.precision))
    #expect(near(counts.recall, expected.recall))
    #expect(near(counts.accuracy, expected.accuracy))
  }

  @Test("numbers of components", arguments: Connectivity.allCases)
  func components(_ connectivity: Connectivity) throws {
    for (name, count) in [
      ("truth_binary", expected.components["\(connectivity.rawValue)"]?.truth),
      ("prediction_binary", expected.components["\(connectivity.rawValue)"]?.prediction),
    ] {
      #expect(connectedComponents(try volume(name), connectivity: connectivity).count == count)
    }
  }

  @Test("6-connected components are those of cc3d", arguments: ["truth", "prediction"])
  func instances(_ name: String) throws {
    let labels = connectedComponents(try volume("\(name)_binary"), connectivity: .faces).labels
    let other = try volume("\(name)_instances_6")
    let pairs = Contingency(prediction: labels, truth: other).pairs.map(\.pair)
    #expect(Set(pairs.map(\.truth)).count == pairs.count)
    #expect(Set(pairs.map(\.prediction)).count == pairs.count)
  }

  @Test("adapted Rand error and variation of information")
  func rand() throws {
    let table = Contingency(
      prediction: try volume("prediction_instances_6"), truth: try volume("truth_instances_6"))
    let rand = AdaptedRandError(table)
    #expect(near(rand.error, expected.adaptedRandErrorIgnoringTruth0.error))
    #expect(near(rand.splitScore, expected.adaptedRandErrorIgnoringTruth0.precision))
    #expect(near(rand.mergeScore, expected.adaptedRandErrorIgnoringTruth0.recall))
    let variation = try #require(VariationOfInformation(table))
    #expect(
      near(variation.split, expected.variationOfInformationAllVoxelsBits.splitHPredictionGivenTruth))
    #expect(
      near(variation.merge, expected.variationOfInformationAllVoxelsBits.mergeHTruthGivenPrediction))
    #expect(near(variation.sum, expected.variationOfInformationAllVoxelsBits.sum))
  }

  @Test("instances matched above an IoU of 0.5 and of 0.75")
  func matching() throws {
    let table = Contingency(
      prediction: try volume("prediction_instances_6"), truth: try volume("truth_instances_6"))
    for (threshold, expected) in [
      (0.5, expected.instancesOver05), (0.75, expected.instancesOver075),
    ] {
      let matching = InstanceMatching(table, threshold: threshold)
      #expect(matching.truePositives == expected.tp)
      #expect(matching.falsePositives == expected.fp)
      #expect(matching.falseNegatives == expected.fn)
      #expect(near(matching.f1, expected.f1))
      #expect(near(matching.averagePrecision, expected.apTpOverTpFpFn))
      #expect(near(matching.panopticQuality, expected.panopticQuality))
    }
  }

  @Test("touching neurons")
  func neurons() throws {
    let prediction = try volume("neurons_prediction")
    let truth = try volume("neurons_truth")
    #expect(Segmentation.instances(of: truth).count == expected.neurons.truthInstances)
    #expect(Segmentation.instances(of: prediction).count == expected.neurons.predictionInstances)
    let table = Contingency(prediction: prediction, truth: truth)
    #expect(near(AdaptedRandError(table).error, expected.neurons.adaptedRandErrorIgnoringTruth0))
    let variation = try #require(VariationOfInformation(table))
    #expect(near(variation.split, expected.neurons.viSplitBits))
    #expect(near(variation.merge, expected.neurons.viMergeBits))
    #expect(near(variation.sum, expected.neurons.viSumBits))
  }

  @Test("box and centroid of the largest instance")
  func largest() throws {
    let found = Segmentation.instances(of: try volume("truth_instances_6"))
    let largest = try #require(found.max { $0.voxels < $1.voxels })
    let expected = expected.largestTruthInstance
    #expect(largest.id == expected.id)
    #expect(largest.voxels == expected.voxels)
    #expect(largest.box == Box(lower: expected.box.map { $0[0] }, upper: expected.box.map { $0[1] }))
    #expect(zip(largest.centroid, expected.centroid).allSatisfy { near($0, $1) })
  }

  private func near(_ value: Double?, _ expected: Double) -> Bool {
    value.map { abs($0 - expected) <= 1e-10 * max(1, abs(expected)) } ?? false
  }

  private func volume(_ name: String) throws -> NDArray {
    let stack = try SliceStack(opening: [SharedData.path("data/oracles/metrics/\(name).tif")])
    var volume = NDArray(stack.dataType, stack.extent)
    for z in 0..<stack.extent[0] {
      let slice = try stack.readSlice(z).reshaped([1, stack.extent[1], stack.extent[2]])
      volume.copy(Box(slice.extent), of: slice, to: [z, 0, 0])
    }
    return volume
  }
}

/// Sums over place × label of partitions by cc3d 4.1, SciPy 1.10 and scikit-image 0.26, labels numbered anew by
/// their first voxels.
@Suite(
  "Other programs' partitions", .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct PartitionOracleTests {
  static let blocks: [Extent] = [[40, 96, 64], [7, 256, 33]]

  @Test(
    "components are those of cc3d whatever the block size",
    arguments: [
      ("epfl-hippocampus-fibsem/train_mito_z000-055.tif", [58_458_503_800_132, 58_458_503_800_132]),
      (
        "medulla-drosophila-fibsem/neuron_bodies_uint32.tif",
        [20_119_988_147_918_972, 20_019_079_958_060_043]
      ),
      ("cortex-snemi-mini-labels/train-fragments.tif", [387_047_180_154_418, 302_275_058_397_358]),
      ("oracles/metrics/prediction_binary.tif", [3_177_826_335_519, 1_855_337_455_894]),
    ] as [(String, [UInt64])])
  func components(path: String, sums: [UInt64]) throws {
    let volume = try volume(path)
    for (connectivity, sum) in zip([Connectivity.faces, .corners], sums) {
      for block in Self.blocks {
        let found = BlockedObjects(LabellingRule(connectivity: connectivity), block: block).ids(of: volume)
        #expect(checksum(found.ids) == sum)
      }
    }
  }

  @Test("holes are those of SciPy's binary_fill_holes, object by object", arguments: blocks)
  func holes(block: Extent) throws {
    let rule = LabellingRule(connectivity: .corners, fillsHoles: true)
    let found = BlockedObjects(rule, block: block).ids(
      of: try volume("oracles/metrics/prediction_binary.tif"))
    #expect(checksum(found.ids) == 1_855_599_673_389)
  }

  @Test("distances are those of SciPy's distance_transform_edt")
  func distances() throws {
    let volume = try volume("oracles/metrics/prediction_binary.tif")
    let found = distanceTransform(of: volume, voxelSize: VoxelSize(z: 50, y: 8, x: 8), limit: 500)
      .elements(as: Float.self)
    let sum = found.reduce(0.0) { $0 + Double($1) }
    #expect(abs(sum - 23_103_750.619120225) < 1e-6 * sum)
    #expect(abs((found.max() ?? 0) - 284.42925306655786) < 1e-3)
  }

  @Test(
    "basins are those of scikit-image's watershed from all maxima where no two heights are equal",
    arguments: [Connectivity.faces, .edges, .corners], [[24, 30, 36], [5, 11, 9]] as [Extent])
  func watershed(connectivity: Connectivity, block: Extent) {
    let shape: Extent = [24, 30, 36]
    let random = (0..<shape.count).map { place -> UInt64 in
      var generator = SplitMix64(state: UInt64(place) &* 0x9E37_79B9_7F4A_7C15)
      return generator.next()
    }
    var heights = [Float](repeating: 0, count: shape.count)
    for (rank, place) in random.indices.sorted(by: { random[$0] < random[$1] }).enumerated()
    where (rank + 1) % 5 != 0 {
      heights[place] = Float(rank + 1)
    }
    let rule = LabellingRule(.watershed(depth: 0), connectivity: connectivity)
    let found = BlockedObjects(rule, block: block).ids(ofHeights: heights, shape).ids
    let sums: [Connectivity: UInt64] = [
      .faces: 665_138_827_001, .edges: 256_322_350_221, .corners: 179_730_525_937,
    ]
    #expect(checksum(found) == sums[connectivity])
  }

  private func checksum(_ ids: [UInt64]) -> UInt64 {
    ids.enumerated().reduce(0) { $0 &+ UInt64($1.offset + 1) &* $1.element }
  }

  private func volume(_ path: String) throws -> NDArray {
    let stack = try SliceStack(opening: [SharedData.path("data/\(path)")])
    var volume = NDArray(stack.dataType, stack.extent)
    for z in 0..<stack.extent[0] {
      let slice = try stack.readSlice(z).reshaped([1, stack.extent[1], stack.extent[2]])
      volume.copy(Box(slice.extent), of: slice, to: [z, 0, 0])
    }
    return volume
  }
}
