// SPDX-License-Identifier: Apache-2.0

/// The layout of `data/oracles/metrics/expected.json`.
struct Expected: Decodable {
  struct Counts: Decodable {
    let tp: Int, fp: Int, fn: Int, tn: Int
  }

  struct Components: Decodable {
    let truth: Int, prediction: Int
  }

  struct Rand: Decodable {
    let error: Double, precision: Double, recall: Double
  }

  struct Variation: Decodable {
    let splitHPredictionGivenTruth: Double, mergeHTruthGivenPrediction: Double, sum: Double
  }

  struct Matching: Decodable {
    let tp: Int, fp: Int, fn: Int
    let f1: Double, apTpOverTpFpFn: Double, panopticQuality: Double
  }

  struct Neurons: Decodable {
    let truthInstances: Int, predictionInstances: Int
    let adaptedRandErrorIgnoringTruth0: Double
    let viSplitBits: Double, viMergeBits: Double, viSumBits: Double
  }

  struct Largest: Decodable {
    let id: UInt64
    let voxels: Int
    let box: [[Int]]
    let centroid: [Double]
  }

  let confusion: Counts
  let dice: Double, iouForeground: Double, iouBackground: Double, iouMeanOfBoth: Double
  let precision: Double, recall: Double, accuracy: Double
  let components: [String: Components]
  let adaptedRandErrorIgnoringTruth0: Rand
  let variationOfInformationAllVoxelsBits: Variation
  let instancesOver05: Matching, instancesOver075: Matching
  let neurons: Neurons
  let largestTruthInstance: Largest

  enum CodingKeys: String, CodingKey {
    case confusion, dice, iouForeground, iouBackground, iouMeanOfBoth, precision, recall, accuracy
    case components, neurons, largestTruthInstance
    case adaptedRandErrorIgnoringTruth0, variationOfInformationAllVoxelsBits
    case instancesOver05 = "instancesIouOver0.5", instancesOver075 = "instancesIouOver0.75"
  }
}
