// SPDX-License-Identifier: Apache-2.0

import Catalog
import Arrays
import Segmentation
import VolumeDatabase

/// What was found in one block about one class.
struct ScoreBlock: Sendable {
  /// By the number of the column.
  var counts: [Int: ConfusionCounts] = [:]
  /// The objects of the prediction and of the truth, if they are asked for.
  var prediction: BlockSummary?
  var truth: BlockSummary?
  /// Voxels by the labels of the two, counted from 1 in the block; 0 is no object.
  var pairs: [LabelPair: Int] = [:]
  var distances: BoundaryDistances?

  struct LabelPair: Hashable, Sendable {
    let prediction: UInt32
    let truth: UInt32
  }
}

extension EvaluationPlan {
  /// Looks at a block.
  ///
  /// - Parameter boxes: What of it both versions cover for the class.
  func score(_ one: ComparedClass, _ block: Box) throws -> ScoreBlock {
    var result = ScoreBlock()
    let boxes = one.boxes.map { $0.intersection(block) }.filter { !$0.isEmpty }
    if boxes.isEmpty { return result }
    let (predicted, actual) = try read(block)
    let known = one.boxes
    let prediction = known.cleared(one.prediction.objects(predicted), in: block, to: 0)
    let truth = known.cleared(one.truth.objects(actual), in: block, to: 0)
    result.counts = count(prediction, truth, in: block, boxes, one.columns)
    if isVoxelsOnly { return result }
    let coverage = BlockCoverage(of: block, by: known)
    let a = labels(predicted, prediction, one.prediction, one.predictionRule, block, coverage, known)
    let b = labels(actual, truth, one.truth, one.truthRule, block, coverage, known)
    result.pairs = pairs(a, b, in: block, boxes)
    (result.prediction, result.truth) = (a.summary, b.summary)
    if distanceLimit > 0, prediction.contains(1) || truth.contains(1) {
      result.distances = try distances(one, prediction, truth, block)
    }
    return result
  }

  private func read(_ box: Box) throws -> (prediction: NDArray, truth: NDArray) {
    (try grid.read(box), try truth.read(box))
  }

  private func labels(
    _ values: NDArray, _ objects: [UInt8], _ reading: ObjectReading, _ rule: LabellingRule, _ block: Box,
    _ coverage: BlockCoverage, _ known: [Box]
  ) -> BlockLabels {
    var voxels = NDArray(objects, block.extent)
    if reading == .ids {
      voxels = NDArray(values.dataType, values.extent)
      for part in known.map({ $0.intersection(block) }) where !part.isEmpty {
        let local = part.translated(by: block.origin.map { -$0 })
        voxels.copy(local, of: values, to: local.origin)
      }
    }
    return BlockLabels(of: voxels, in: block, of: truth.record.shape, rule: rule, coverage: coverage)
  }

  private func count(
    _ prediction: [UInt8], _ truth: [UInt8], in block: Box, _ boxes: [Box], _ columns: ScoredColumns
  ) -> [Int: ConfusionCounts] {
    var result: [Int: ConfusionCounts] = [:]
    let strides = block.extent.strides
    for box in boxes {
      for z in box.range(0) {
        for y in box.range(1) {
          let row = (z - block.lower[0]) * strides[0] + (y - block.lower[1]) * strides[1] - block.lower[2]
          for (column, x) in columns.parts(y: y, x: box.range(2)) {
            var (both, predicted, actual) = (0, 0, 0)
            for place in row + x.lowerBound..<row + x.upperBound {
              both &+= Int(prediction[place] & truth[place])
              predicted &+= Int(prediction[place])
              actual &+= Int(truth[place])
            }
            result[column, default: ConfusionCounts()] += ConfusionCounts(
              truePositives: both, falsePositives: predicted - both, falseNegatives: actual - both,
              trueNegatives: x.count - predicted - actual + both)
          }
        }
      }
    }
    return result
  }

  private func pairs(
    _ a: BlockLabels, _ b: BlockLabels, in block: Box, _ boxes: [Box]
  ) -> [ScoreBlock.LabelPair: Int] {
    var result: [ScoreBlock.LabelPair: Int] = [:]
    let strides = block.extent.strides
    for box in boxes {
      for z in box.range(0) {
        for y in box.range(1) {
          let row = (z - block.lower[0]) * strides[0] + (y - block.lower[1]) * strides[1] - block.lower[2]
          var place = row + box.lower[2]
          let end = row + box.upper[2]
          while place < end {
            let (first, second) = (a.labels[place], b.labels[place])
            let start = place
            place += 1
            while place < end && a.labels[place] == first && b.labels[place] == second { place += 1 }
            result[ScoreBlock.LabelPair(prediction: first, truth: second), default: 0] += place - start
          }
        }
      }
    }
    return result
  }

  /// The distances between the boundaries of a block, everything near it read too.
  private func distances(
    _ one: ComparedClass, _ prediction: [UInt8], _ truth: [UInt8], _ block: Box
  ) throws -> BoundaryDistances {
    let voxelSize = self.truth.record.voxelSize
    var reach = voxelSize.nanometres.map { Int((distanceLimit / $0).rounded(.up)) + 1 }
    if one.isPerSlice { reach[0] = 0 }
    // Only what surrounds the objects of the block matters.
    guard let tight = Self.bounds(prediction, truth, in: block) else {
      return BoundaryDistances(limit: distanceLimit)
    }
    let wide = tight.expanded(by: reach).intersection(Box(self.truth.record.shape))
    let (predicted, actual) = try read(wide)
    var result = BoundaryDistances(limit: distanceLimit)
    result.add(
      prediction: one.boxes.cleared(one.prediction.objects(predicted), in: wide, to: 2),
      truth: one.boxes.cleared(one.truth.objects(actual), in: wide, to: 2), in: wide, block: tight,
      voxelSize: voxelSize, isPerSlice: one.isPerSlice)
    return result
  }

  /// The smallest box around what is 1 in either.
  private static func bounds(_ a: [UInt8], _ b: [UInt8], in block: Box) -> Box? {
    var (lower, upper) = (block.upper, block.lower)
    var place = 0
    for z in block.range(0) {
      for y in block.range(1) {
        for x in block.range(2) {
          if a[place] == 1 || b[place] == 1 {
            lower = [min(lower[0], z), min(lower[1], y), min(lower[2], x)]
            upper = [max(upper[0], z + 1), max(upper[1], y + 1), max(upper[2], x + 1)]
          }
          place += 1
        }
      }
    }
    return lower[0] < upper[0] ? Box(lower: lower, upper: upper) : nil
  }
}

extension [Box] {
  /// The values of a box, in C order, with another value wherever none of these boxes is.
  func cleared(_ values: [UInt8], in box: Box, to unknown: UInt8) -> [UInt8] {
    if contains(where: { $0.contains(box) }) { return values }
    var result = [UInt8](repeating: unknown, count: values.count)
    let strides = box.extent.strides
    for part in map({ $0.intersection(box) }) where !part.isEmpty {
      for z in part.range(0) {
        for y in part.range(1) {
          let row = (z - box.lower[0]) * strides[0] + (y - box.lower[1]) * strides[1] - box.lower[2]
          for x in part.range(2) { result[row + x] = values[row + x] }
        }
      }
    }
    return result
  }
}
