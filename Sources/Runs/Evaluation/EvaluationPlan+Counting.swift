// SPDX-License-Identifier: Apache-2.0

import Arrays
import Segmentation
import Synchronization
import VolumeDatabase
import Zarr

extension EvaluationPlan {
  /// Counts class by class, shard by shard of the truth. Sums of whole numbers: the order, and the number
  /// of threads, do not matter.
  func count(
    threads: Int, run: ActiveRun, progress: any ProgressReporter, cancellation: CancellationFlag
  ) throws -> [ConfusionCounts] {
    let grid = try truth.array(level: 0).grid
    let shards = Set(
      classes.flatMap(\.boxes).flatMap { box in
        grid.chunks(touching: box).positions.map { grid.ordinal(of: $0) }
      }
    ).sorted()
    progress.begin(
      ProgressStage(
        "comparing \(prediction.reference) with \(truth.reference)", total: shards.count, unit: "shards"))
    defer { progress.end() }
    let state = Mutex(
      (counts: [ConfusionCounts](repeating: ConfusionCounts(), count: classes.count), done: 0))
    try concurrentForEach(count: shards.count, threads: threads) { (index) throws(any Error) in
      try cancellation.check()
      let counts = try count(within: grid.box(at: grid.index(ofOrdinal: shards[index])))
      let done = state.withLock { state in
        for number in counts.indices { state.counts[number] += counts[number] }
        state.done += 1
        return state.done
      }
      progress.advance(to: done)
      run.advance(to: done, of: shards.count)
    }
    return state.withLock { $0.counts }
  }

  /// Counts the covered voxels of one box, such as a shard, read once for all classes and boxes.
  func count(within shard: Box) throws -> [ConfusionCounts] {
    let parts = classes.map { $0.boxes.map { $0.intersection(shard) }.filter { !$0.isEmpty } }
    guard let first = parts.joined().first else { return classes.map { _ in ConfusionCounts() } }
    let whole = parts.joined().reduce(first) { $0.union($1) }
    let predicted = try prediction.read(whole)
    let actual = try truth.read(whole)
    let offset = whole.origin.map { -$0 }
    return zip(classes, parts).map { one, boxes in
      boxes.reduce(into: ConfusionCounts()) { counts, box in
        let local = box.translated(by: offset)
        counts += ConfusionCounts(
          prediction: predicted.cropped(to: local), predictionForeground: one.predictionForeground,
          truth: actual.cropped(to: local), truthForeground: one.truthForeground)
      }
    }
  }
}
