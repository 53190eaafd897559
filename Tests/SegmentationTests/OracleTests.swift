// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles
import Segmentation
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
