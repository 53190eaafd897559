// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Networks
import VolumeDatabase

/// The work of an exact prediction: tile after tile streamed along z, while other threads read and
/// preprocess what comes next and store the layers of shards that are complete.
struct StreamedPrediction {
  let run: ActiveRun
  let setup: PredictionSetup
  let writers: [VersionWriter]
  let progress: any ProgressReporter
  let cancellation: CancellationFlag

  /// Predicts what is not yet stored.
  func perform() throws {
    let shards = writers[0].shardGrid
    let blocks = StreamedBlock.all(in: shards, covered: setup.covered)
    let lists = blocks.map { block in
      block.streams(
        core: setup.tiling.tileCore, grid: setup.grid, models: setup.networks.count,
        symmetries: setup.symmetries)
    }
    let total = lists.joined().reduce(0) { $0 + $1.planes.count }
    progress.begin(ProgressStage("predicting \(writers[0].record.reference)", total: total, unit: "planes"))
    var done = 0
    for (number, (block, streams)) in zip(blocks, lists).enumerated() {
      try run.check(cancellation)
      let missing = block.layers.map { layer in layer.filter(isMissing) }
      if missing.allSatisfy(\.isEmpty) {
        done += streams.reduce(0) { $0 + $1.planes.count }
      } else {
        try perform(block, number, streams, missing, done: &done, total: total)
      }
      tell(done, total)
    }
    progress.end()
    removeFiles()
  }

  /// Removes what tiles have left for later ones.
  func removeFiles() {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: run.folder)) ?? []
    where name.hasSuffix(Self.suffix) {
      try? FileManager.default.removeItem(atPath: "\(run.folder)/\(name)")
    }
  }

  private static let suffix = ".planes"

  private func isMissing(_ shard: [Int]) -> Bool { writers.contains { !$0.isWritten(shard: shard) } }

  private func tell(_ done: Int, _ total: Int) {
    progress.advance(to: done)
    run.advance(to: done, of: total)
  }

  private func perform(
    _ block: StreamedBlock, _ number: Int, _ streams: [PlaneStream], _ missing: [[[Int]]],
    done: inout Int, total: Int
  ) throws {
    let classCount = setup.classes.count
    var planes: [StreamPlanes] = []
    for (index, stream) in streams.enumerated() {
      let elements = classCount * stream.y.count * stream.x.count
      let isLast = index == streams.count - 1
      planes.append(
        isLast
          ? StreamPlanes(elements: elements)
          : try StreamPlanes(elements: elements, file: "\(run.folder)/\(number)-\(index)\(Self.suffix)"))
    }
    let field = StreamedField(
      grid: setup.grid, classCount: classCount, streams: Array(zip(streams, planes)),
      votes: setup.networks.count * setup.symmetries.count)
    var computing = PlaneComputing(setup: setup) { try run.check(cancellation) }
    for (stream, kept) in zip(streams, planes).dropLast() {
      done += kept.count
      let rest = stream.planes.lowerBound + kept.count..<stream.planes.upperBound
      if rest.isEmpty { continue }
      try computing.compute(stream, rest) { _, values in
        try kept.append(values)
        done += 1
        tell(done, total)
      }
    }
    guard let last = streams.last, let kept = planes.last else { return }
    try finish(last, kept, field, missing, &computing, done: &done, total: total)
  }

  /// Computes the last stream, and stores each layer of shards as soon as all its planes are there.
  private func finish(
    _ stream: PlaneStream, _ kept: StreamPlanes, _ field: StreamedField, _ missing: [[[Int]]],
    _ computing: inout PlaneComputing, done: inout Int, total: Int
  ) throws {
    let storing = LayerStoring(setup, writers, field)
    let queue = BoundedQueue<[[Int]]>(capacity: 1)
    let worker = Worker("storing") {
      // Whoever waits for room learns of a failure.
      defer { queue.cancel() }
      while let layer = queue.receive() { try storing.store(layer) }
    }
    var layers = missing.filter { !$0.isEmpty }[...]
    let grid = writers[0].shardGrid
    /// Hands the layers over whose slices all lie before `slice`.
    func hand(before slice: Int) throws {
      while let layer = layers.first, grid.box(at: layer[0]).upper[0] <= slice {
        layers.removeFirst()
        if !queue.send(layer) { try worker.wait() }
      }
    }
    do {
      // Planes that only stored layers need are not computed again, but counted.
      let first = layers.first.map { grid.box(at: $0[0]).lower[0] } ?? 0
      let stride = setup.grid.stride
      let start = min(
        stream.planes.upperBound,
        max(stream.planes.lowerBound, (first - stream.phase + stride - 1) / stride))
      done += start - stream.planes.lowerBound
      kept.skip(start - stream.planes.lowerBound)
      if start < stream.planes.upperBound {
        try computing.compute(stream, start..<stream.planes.upperBound) { plane, values in
          try kept.append(values)
          done += 1
          tell(done, total)
          if plane + 1 < stream.planes.upperBound {
            try hand(before: stream.slice(plane + 1, stride: stride))
          }
        }
      }
      try hand(before: .max)
      queue.finish()
      try worker.wait()
    } catch {
      queue.finish()
      try? worker.wait()
      throw error
    }
  }
}
