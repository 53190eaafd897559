// SPDX-License-Identifier: Apache-2.0

import Catalog
import Arrays
import Segmentation
import Synchronization
import VolumeDatabase
import Zarr

extension EvaluationPlan {
  /// The most voxels of a block; the result does not depend on it.
  private static let blockVoxels = 1 << 22

  /// The blocks that are compared: whole chunks of the truth.
  private func blocks() throws -> ChunkGrid {
    let array = try truth.array(level: 0)
    let voxel = truth.record.voxelSize.nanometres
    var block = array.innerGrid.chunk.sizes
    while block.reduce(2, *) <= Self.blockVoxels {
      let open = (0..<3).filter { block[$0] < array.shape[$0] }
      guard let axis = open.min(by: { Double(block[$0]) * voxel[$0] < Double(block[$1]) * voxel[$1] }) else {
        break
      }
      block[axis] *= 2
    }
    return ChunkGrid(shape: array.shape, chunk: Extent(block))
  }

  /// Scores class by class, block by block. What comes out depends neither on blocks nor on threads.
  func count(
    threads: Int, bootstrap: Bootstrap, run: ActiveRun, progress: any ProgressReporter,
    cancellation: CancellationFlag
  ) throws -> [EvaluationOutcome.ClassScore] {
    let grid = try blocks()
    var work: [(number: Int, index: [Int])] = []
    for (number, one) in classes.enumerated() {
      let ordinals = Set(
        one.boxes.flatMap { box in grid.chunks(touching: box).positions.map { grid.ordinal(of: $0) } })
      work += ordinals.sorted().map { (number, grid.index(ofOrdinal: $0)) }
    }
    progress.begin(
      ProgressStage(
        "comparing \(prediction.reference) with \(truth.reference)", total: work.count, unit: "blocks"))
    defer { progress.end() }
    var tallies = classes.map { ScoreTally($0, grid, distanceLimit: distanceLimit) }
    var done = 0
    while done < work.count {
      try cancellation.check()
      let batch = Array(work[done..<min(done + threads, work.count)])
      let found = Mutex([ScoreBlock?](repeating: nil, count: batch.count))
      try concurrentForEach(count: batch.count, threads: threads) { (place) throws(any Error) in
        let block = try score(classes[batch[place].number], grid.box(at: batch[place].index))
        found.withLock { $0[place] = block }
      }
      for (one, block) in zip(batch, found.withLock({ $0 })) {
        if let block { tallies[one.number].add(block, at: one.index) }
      }
      done += batch.count
      progress.advance(to: done)
      run.advance(to: done, of: work.count)
    }
    return classes.indices.map { number in
      var tally = tallies[number]
      return EvaluationOutcome.ClassScore(
        classes[number], &tally, isVoxelsOnly: isVoxelsOnly, distanceLimit: distanceLimit,
        bootstrap: bootstrap)
    }
  }
}
