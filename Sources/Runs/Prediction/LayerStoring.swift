// SPDX-License-Identifier: Apache-2.0

import Arrays
import VolumeDatabase

/// Makes shards of labels and probabilities from computed planes and stores them.
struct LayerStoring: Sendable {
  private let covered: [Box]
  private let parent: StoredVersion?
  private let threshold: Float
  private let classCount: Int
  private let threads: Int
  private let writers: [VersionWriter]
  private let field: StreamedField

  init(_ setup: PredictionSetup, _ writers: [VersionWriter], _ field: StreamedField) {
    covered = setup.covered
    parent = setup.parent
    threshold = setup.threshold
    classCount = setup.classes.count
    threads = setup.request.threads
    self.writers = writers
    self.field = field
  }

  /// Stores the shards of a layer in all versions that lack them, and gives up the planes before its end.
  func store(_ layer: [[Int]]) throws {
    try concurrentForEach(count: layer.count, threads: threads) { number in
      let index = layer[number]
      let box = writers[0].shardGrid.box(at: index)
      var voxels = ShardVoxels(
        box, labels: try parent?.read(box).elements(as: UInt8.self), classCount: classCount,
        hasProbabilities: writers.count > 1)
      for part in covered.map({ $0.intersection(box) }) where !part.isEmpty {
        for z in part.range(0) {
          let slice = Box(
            lower: [z, part.lower[1], part.lower[2]], upper: [z + 1, part.upper[1], part.upper[2]])
          voxels.fill(slice, from: try field.slice(z, around: slice), threshold: threshold)
        }
      }
      for (writer, voxels) in zip(writers, [voxels.labels] + voxels.probabilities)
      where !writer.isWritten(shard: index) {
        try writer.writeShard(NDArray(voxels, box.extent), at: index)
      }
    }
    if let first = layer.first { field.drop(before: writers[0].shardGrid.box(at: first).upper[0]) }
  }
}
