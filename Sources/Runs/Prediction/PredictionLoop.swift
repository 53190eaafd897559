// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Networks
import Tensors
import VolumeDatabase

/// The work of a prediction: block after block, each computed, resampled and stored.
struct PredictionLoop {
  let run: ActiveRun
  let setup: PredictionSetup
  let database: VolumeDatabase
  let progress: any ProgressReporter
  let cancellation: CancellationFlag

  /// Predicts what is not yet stored, and commits.
  ///
  /// After an error nothing is left of the versions; when a person stops the run, they stay for the run
  /// to be resumed.
  ///
  /// - Parameter isResumed: Whether half-written versions of this run are continued.
  func perform(isResumed: Bool) throws -> [VersionRecord] {
    var writers: [VersionWriter] = []
    do {
      for specification in [setup.labels] + setup.probabilities {
        var specification = specification
        specification.runID = run.id
        writers.append(try writer(specification, isResumed: isResumed))
      }
      if setup.tiling.kind == .stream { try streamed(writers).perform() } else { try predict(writers) }
      progress.begin(ProgressStage("committing \(writers[0].record.reference)", total: nil, unit: "shards"))
      for writer in writers { try writer.finish(coverage: setup.covered) }
      try database.commit(writers)
      progress.end()
    } catch let stop as StoppedOnRequest {
      throw stop
    } catch {
      progress.end()
      // What went wrong is told; that clearing up failed too would hide it, and gc clears up later.
      for writer in writers { try? writer.abandon() }
      streamed(writers).removeFiles()
      throw error
    }
    return try writers.map { try database.catalog.version($0.record.id) }
  }

  private func streamed(_ writers: [VersionWriter]) -> StreamedPrediction {
    StreamedPrediction(
      run: run, setup: setup, writers: writers, progress: progress, cancellation: cancellation)
  }

  /// The writer of a version; a run that was stopped before it had one begins.
  private func writer(_ specification: VersionSpecification, isResumed: Bool) throws -> VersionWriter {
    let threads = setup.request.threads
    return try isResumed
      ? VersionWriter.resumedOrBegun(specification, in: database, threads: threads)
      : VersionWriter(specification, in: database, threads: threads)
  }

  private func predict(_ writers: [VersionWriter]) throws {
    let shards = writers[0].shardGrid
    let blocks = self.blocks(of: shards)
    let total = blocks.reduce(0) { $0 + tileCount($1) }
    progress.begin(
      ProgressStage(
        "predicting \(writers[0].record.reference)", total: total,
        unit: setup.request.mode == .exact ? "tiles" : "patches"))
    var done = 0
    for block in blocks {
      try run.check(cancellation)
      let missing = block.shards.filter { index in
        writers.contains { !$0.isWritten(shard: index) }
      }
      if missing.isEmpty {
        done += tileCount(block)
      } else {
        let field = try field(of: block) { _ in
          done += 1
          progress.advance(to: done)
          run.advance(to: done, of: total)
          try run.check(cancellation)
        }
        try store(missing, field, writers)
      }
      progress.advance(to: done)
      run.advance(to: done, of: total)
    }
    progress.end()
  }

  func blocks(of shards: ChunkGrid) -> [PredictionBlock] {
    let grid = setup.grid
    let factors = [Double(grid.stride), grid.factors.y, grid.factors.x]
    let shape = PhaseVolume.largestShape(of: grid, alignment: setup.networks[0].field.alignment)
    let size = setup.tiling.block(
      shard: (0..<3).map { Double(shards.chunk[$0]) / factors[$0] }, counts: shards.counts.sizes, shape: shape
    )
    return PredictionBlock.all(in: shards, size: size, covered: setup.covered)
  }

  /// How many tiles or patches a block takes.
  private func tileCount(_ block: PredictionBlock) -> Int {
    (0..<setup.grid.stride).reduce(0) { count, phase in
      guard let box = block.needed(phase: phase, grid: setup.grid) else { return count }
      return parts(of: box, phase: phase).reduce(count) { count, part in
        count
          + setup.networks.count
          * (setup.request.mode == .exact
            ? part.volume.exactTileCount(part.box, core: setup.tiling.core, field: setup.networks[0].field)
            : part.volume.seedPatchCount(part.box))
      }
    }
  }

  /// What the runs of a phase have of a box of its planes, each counted from the run's first plane.
  private func parts(of box: [Range<Int>], phase: Int) -> [(volume: PhaseVolume, box: [Range<Int>])] {
    setup.grid.runs(phase: phase).compactMap { run in
      let planes = box[0].clamped(to: run)
      if planes.isEmpty { return nil }
      let inRun = planes.lowerBound - run.lowerBound..<planes.upperBound - run.lowerBound
      return (setup.volume(phase: phase, run: run), [inRun, box[1], box[2]])
    }
  }

  /// The probabilities around a block.
  private func field(of block: PredictionBlock, advance: (Int) throws -> Void) throws -> ProbabilityField {
    var phases: [Int: (first: Int, values: Tensor)] = [:]
    var origin = (y: 0, x: 0)
    for phase in 0..<setup.grid.stride {
      guard let box = block.needed(phase: phase, grid: setup.grid) else { continue }
      let parts = parts(of: box, phase: phase)
      if let only = parts.first, parts.count == 1, only.box[0].count == box[0].count {
        phases[phase] = (box[0].lowerBound, try mean(of: only.volume, in: only.box, advance: advance))
      } else {
        // Planes that the image lacks stay zero, and nobody reads them.
        var values = Tensor(zeros: [setup.classes.count] + box.map(\.count))
        for (volume, inRun) in parts {
          let one = try mean(of: volume, in: inRun, advance: advance)
          let start = volume.run.lowerBound + inRun[0].lowerBound - box[0].lowerBound
          values.copy(one, from: [0, 0, 0], to: [start, 0, 0], size: inRun.map(\.count))
        }
        phases[phase] = (box[0].lowerBound, values)
      }
      origin = (box[1].lowerBound, box[2].lowerBound)
    }
    return ProbabilityField(grid: setup.grid, phases: phases, origin: origin)
  }

  /// The mean of all networks: C, D, H, W.
  private func mean(
    of volume: PhaseVolume, in box: [Range<Int>], advance: (Int) throws -> Void
  ) throws -> Tensor {
    var sum: Tensor?
    for network in setup.networks {
      let one =
        switch setup.request.mode {
        case .exact:
          try volume.exactProbabilities(box, core: setup.tiling.core, by: network, advance: advance)
        case .seed: try volume.seedProbabilities(box, by: network, advance: advance)
        }
      if sum == nil { sum = one } else { sum? += one }
    }
    guard var sum else { preconditionFailure("there is a network") }
    let share = 1 / Float(setup.networks.count)
    if share < 1 { sum.withMutableSpan { sum in for index in sum.indices { sum[index] *= share } } }
    return sum
  }

  /// Stores shards of all versions that lack them.
  private func store(
    _ shards: [[Int]], _ field: ProbabilityField, _ writers: [VersionWriter]
  ) throws {
    let (covered, parent) = (setup.covered, setup.parent)
    let (threshold, classCount) = (setup.threshold, setup.classes.count)
    try concurrentForEach(count: shards.count, threads: setup.request.threads) { number in
      let index = shards[number]
      let box = writers[0].shardGrid.box(at: index)
      var voxels = ShardVoxels(
        box, labels: try parent?.read(box).elements(as: UInt8.self), classCount: classCount,
        hasProbabilities: writers.count > 1)
      for part in covered.map({ $0.intersection(box) }) where !part.isEmpty {
        voxels.fill(part, from: field, threshold: threshold)
      }
      for (writer, voxels) in zip(writers, [voxels.labels] + voxels.probabilities)
      where !writer.isWritten(shard: index) {
        try writer.writeShard(NDArray(voxels, box.extent), at: index)
      }
    }
  }
}
