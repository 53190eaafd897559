// SPDX-License-Identifier: Apache-2.0

import Arrays
import Segmentation
import Testing

@Suite("Measures")
struct MetricsTests {
  @Test("counts and measures by hand")
  func byHand() {
    let counts = ConfusionCounts(
      prediction: NDArray([255, 255, 255, 0, 0, 0, 0, 0] as [UInt8], [2, 4]),
      truth: NDArray([1, 2, 0, 7, 0, 0, 0, 0] as [UInt16], [2, 4]),
      truthForeground: .values([1, 7]))
    #expect(
      counts
        == ConfusionCounts(truePositives: 1, falsePositives: 2, falseNegatives: 1, trueNegatives: 4))
    #expect(counts.dice == 0.4)
    #expect(counts.iouForeground == 0.25)
    #expect(counts.iouBackground == 4.0 / 7)
    #expect(counts.iouMean == (0.25 + 4.0 / 7) / 2)
    #expect(counts.precision == 1.0 / 3)
    #expect(counts.recall == 0.5)
    #expect(counts.accuracy == 0.625)
  }

  @Test("a class that neither has is undefined, not 0 and not 1")
  func absentClass() {
    let empty = NDArray(.uint8, [4, 4])
    let counts = ConfusionCounts(prediction: empty, truth: empty)
    #expect(counts.trueNegatives == 16)
    #expect(
      [counts.dice, counts.iouForeground, counts.iouMean, counts.precision, counts.recall] == [
        nil, nil, nil, nil, nil,
      ])
    #expect(counts.iouBackground == 1)
    #expect(ConfusionCounts().accuracy == nil)
    let matching = InstanceMatching(Contingency(prediction: empty, truth: empty), threshold: 0.5)
    #expect([matching.f1, matching.averagePrecision, matching.panopticQuality] == [nil, nil, nil])
    let error = AdaptedRandError(Contingency(prediction: empty, truth: empty))
    #expect(error.error == nil)
    #expect(VariationOfInformation(Contingency()) == nil)
  }

  @Test("a missed class has a recall and a Dice of 0 and no precision")
  func missedClass() {
    let truth = NDArray([1, 1, 0, 0] as [UInt8], [2, 2])
    let counts = ConfusionCounts(prediction: NDArray(.uint8, [2, 2]), truth: truth)
    #expect(counts.recall == 0)
    #expect(counts.dice == 0)
    #expect(counts.precision == nil)
  }

  @Test("one object split into halves costs one bit, two merged into one object cost one bit")
  func variationOfInformation() throws {
    let one = NDArray([3, 3, 3, 3] as [UInt8], [1, 1, 4])
    let two = NDArray([1, 1, 2, 2] as [UInt8], [1, 1, 4])
    let split = try #require(VariationOfInformation(Contingency(prediction: two, truth: one)))
    #expect((split.split, split.merge) == (1, 0))
    let merged = try #require(VariationOfInformation(Contingency(prediction: one, truth: two)))
    #expect((merged.split, merged.merge) == (0, 1))
  }

  @Test("the adapted Rand error of two halves merged, by hand")
  func adaptedRandError() {
    let truth = NDArray([1, 1, 2, 2, 0, 0] as [UInt8], [1, 1, 6])
    let merged = NDArray([5, 5, 5, 5, 5, 5] as [UInt8], [1, 1, 6])
    // Of the voxels with a true label: 4·3 ordered pairs together in the prediction, 2·(2·1) in
    // the truth, 4 in both.
    let error = AdaptedRandError(Contingency(prediction: merged, truth: truth))
    #expect(error.mergeScore == 4.0 / 12)
    #expect(error.splitScore == 1)
    #expect(error.error == 1 - 8.0 / 16)
  }

  @Test("an overlap of exactly one half is no match")
  func halfOverlap() {
    let truth = NDArray([1, 1, 1, 0, 2, 2] as [UInt8], [1, 1, 6])
    let prediction = NDArray([0, 4, 4, 4, 9, 9] as [UInt8], [1, 1, 6])
    let matching = InstanceMatching(Contingency(prediction: prediction, truth: truth), threshold: 0.5)
    #expect(matching.matches.map(\.truth) == [2])
    #expect((matching.falsePositives, matching.falseNegatives) == (1, 1))
    #expect(matching.panopticQuality == 0.5)
    #expect(matching.averagePrecision == 1.0 / 3)
  }

  @Test("blocks counted one after another give the whole's table, ids beyond doubles included")
  func blocks() {
    let (a, b): (UInt64, UInt64) = (1 << 53 + 1, 1 << 63 + 1)
    let truth = NDArray([a, a, b, b, 0, a], [1, 2, 3])
    let prediction = NDArray([7, 8, 8, 8, 7, 7] as [UInt8], [1, 2, 3])
    var table = Contingency()
    for y in 0..<2 {
      let row = Box(lower: [0, y, 0], upper: [1, y + 1, 3])
      table.add(prediction: prediction.cropped(to: row), truth: truth.cropped(to: row))
    }
    let pairs = table.pairs
    #expect(pairs.map(\.pair.truth) == [0, a, a, b])
    #expect(pairs.map(\.pair.prediction) == [7, 7, 8, 8])
    #expect(pairs.map(\.voxels) == [1, 2, 1, 2])
  }

  @Test("boxes and centroids of instances by hand")
  func instances() {
    let labels = NDArray([0, 5, 5, 0, 0, 5, 3, 0, 0, 0, 0, 3] as [UInt8], [2, 2, 3])
    let found = Segmentation.instances(of: labels, origin: [10, 0, 0])
    #expect(found.map(\.id) == [3, 5])
    #expect(found.map(\.voxels) == [2, 3])
    #expect(found[0].box == Box(lower: [11, 0, 0], upper: [12, 2, 3]))
    #expect(found[0].centroid == [11, 0.5, 1])
    #expect(found[1].box == Box(lower: [10, 0, 1], upper: [11, 2, 3]))
    #expect(found[1].centroid == [10, 1.0 / 3, 5.0 / 3])
  }
}
