// SPDX-License-Identifier: Apache-2.0

import Arrays
import Segmentation

/// What was found about one class in all blocks so far.
struct ScoreTally {
  private let columns: ScoredColumns
  private let shape: Extent
  private(set) var counts: [Int: ConfusionCounts] = [:]
  private var prediction: FragmentMerger
  private var truth: FragmentMerger
  /// Voxels by the fragments of the two, −1 for none; blocks in the order in which they came.
  private var pairs: [(prediction: Int, truth: Int, voxels: Int)] = []
  private(set) var distances: BoundaryDistances

  init(_ one: EvaluationPlan.ComparedClass, _ blocks: ChunkGrid, distanceLimit: Double) {
    columns = one.columns
    shape = blocks.shape
    prediction = FragmentMerger(shape: blocks.shape, block: blocks.chunk, rule: one.predictionRule)
    truth = FragmentMerger(shape: blocks.shape, block: blocks.chunk, rule: one.truthRule)
    distances = BoundaryDistances(limit: distanceLimit)
  }

  /// Adds a block; blocks come in C order.
  mutating func add(_ block: ScoreBlock, at index: [Int]) {
    for (column, own) in block.counts { counts[column, default: ConfusionCounts()] += own }
    if let own = block.distances { distances += own }
    guard let a = block.prediction, let b = block.truth else { return }
    let offsets = (prediction.fragmentCount, truth.fragmentCount)
    prediction.add(a, at: index)
    truth.add(b, at: index)
    for (pair, voxels) in block.pairs {
      pairs.append(
        (
          pair.prediction == 0 ? -1 : offsets.0 + Int(pair.prediction) - 1,
          pair.truth == 0 ? -1 : offsets.1 + Int(pair.truth) - 1, voxels
        ))
    }
  }

  /// All objects, matched.
  mutating func objects() -> ScoredObjects {
    let (a, b) = (prediction.merged(), truth.merged())
    var table = Contingency()
    for pair in pairs {
      table.add(
        pair.voxels, truth: pair.truth < 0 ? 0 : b.id(ofFragment: pair.truth),
        prediction: pair.prediction < 0 ? 0 : a.id(ofFragment: pair.prediction))
    }
    return ScoredObjects(table, prediction: a.objects, truth: b.objects) { [columns, shape] first in
      columns.column(y: first / shape[2] % shape[1], x: first % shape[2])
    }
  }
}

/// Objects of a prediction and of a truth.
struct ScoredObjects {
  let table: Contingency
  let predicted: Int
  let actual: Int
  /// By IoU threshold in per cent, then by column.
  private(set) var counts: [Int: [Int: ObjectCounts]] = [:]
  /// The same without objects that touch the edge of what is known.
  private(set) var inner: [Int: ObjectCounts] = [:]

  /// - Parameter column: Of the object whose first voxel lies at this place.
  init(
    _ table: Contingency, prediction: [MergedObjects.Object], truth: [MergedObjects.Object],
    column: (Int) -> Int
  ) {
    self.table = table
    predicted = prediction.count
    actual = truth.count
    for percent in [50, 75] {
      var byColumn: [Int: ObjectCounts] = [:]
      var inner = ObjectCounts()
      func enter(_ object: MergedObjects.Object, _ change: (inout ObjectCounts) -> Void) {
        change(&byColumn[column(object.first), default: ObjectCounts()])
        if !object.touchesEdge { change(&inner) }
      }
      var (foundTruth, foundPrediction) = (Set<UInt64>(), Set<UInt64>())
      for match in InstanceMatching(table, threshold: Double(percent) / 100).matches {
        foundTruth.insert(match.truth)
        foundPrediction.insert(match.prediction)
        enter(truth[Int(match.truth) - 1]) { counts in
          counts.truePositives += 1
          counts.iouSum += match.iou
        }
      }
      for (number, object) in truth.enumerated() where !foundTruth.contains(UInt64(number + 1)) {
        enter(object) { $0.falseNegatives += 1 }
      }
      for (number, object) in prediction.enumerated() where !foundPrediction.contains(UInt64(number + 1)) {
        enter(object) { $0.falsePositives += 1 }
      }
      counts[percent] = byColumn
      self.inner[percent] = inner
    }
  }

  /// Of all columns.
  func total(_ percent: Int) -> ObjectCounts {
    (counts[percent] ?? [:]).sorted { $0.key < $1.key }.reduce(into: ObjectCounts()) { $0 += $1.value }
  }
}
