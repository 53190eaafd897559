// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Segmentation
import Synchronization
import VolumeDatabase

/// How many voxels of some boxes have which value: by the statistics of chunks that lie wholly inside,
/// by decoding those that lie partly inside.
struct RegionTally {
  private let boxes: [Box]
  /// Voxels of each value but 0, in semantic volumes.
  private var counts: [UInt64: Int] = [:]
  /// Voxels of any value but 0.
  private var nonzero = 0
  /// How many chunks had to be decoded.
  private(set) var decodedChunks = 0

  /// - Parameter boxes: Disjoint, inside the version.
  init(of boxes: [Box], by reader: RegionReader) throws {
    self.boxes = boxes
    let record = reader.version.record
    let grid = ChunkGrid(shape: record.shape, chunk: record.chunk)
    var cut: [Int: [Box]] = [:]
    for box in boxes {
      try reader.cancellation.check()
      let known = try reader.catalog.regionCounts(ofVersion: record.id, in: box)
      counts.merge(known.counts, uniquingKeysWith: +)
      nonzero += known.nonzero
      for index in known.boundaryChunks {
        cut[grid.ordinal(of: index), default: []].append(grid.box(at: index).intersection(box))
      }
    }
    decodedChunks = cut.count
    let decoded = try reader.decode(cut) { chunk, parts, origin in
      parts.reduce(into: [UInt64: Int]()) { sum, part in
        let voxels = chunk.cropped(to: part.translated(by: origin.map { -$0 }))
        sum.merge(valueCounts(of: voxels), uniquingKeysWith: +)
      }
    }
    for (value, voxels) in decoded where value != 0 {
      counts[value, default: 0] += voxels
      nonzero += voxels
    }
  }

  /// How many voxels are of a class.
  func voxels(of one: RegionReader.CoveredClass) -> Int {
    if one.mode == .instance { return nonzero }
    // Voxels of value 0 are all that no other value has, those of chunks that are not stored included.
    return one.values.reduce(0) { sum, value in
      sum + (value == 0 ? boxes.reduce(0) { $0 + $1.count } - nonzero : counts[value] ?? 0)
    }
  }
}

extension RegionReader {
  /// Decodes chunks, each once and only as far as its parts reach, and adds up what is counted in them.
  ///
  /// Sums of whole numbers: neither order nor threads matter.
  ///
  /// - Parameters:
  ///   - parts: By the place of the chunk in C order: what is wanted of it, in voxels of the version.
  ///   - count: Counts in the voxels that were read, given where they begin.
  func decode<Part>(
    _ parts: [Int: [Part]], _ count: @Sendable (NDArray, [Part], [Int]) throws -> [UInt64: Int]
  ) throws -> [UInt64: Int] where Part: BoxedPart {
    let record = version.record
    if parts.isEmpty { return [:] }
    let work = parts.sorted { $0.key < $1.key }.map(\.value)
    // What takes no time is not worth a line.
    let isLong = work.count > 500
    if isLong {
      progress.begin(ProgressStage("reading \(record.reference)", total: work.count, unit: "chunks"))
    }
    defer { if isLong { progress.end() } }
    let state = Mutex((counts: [UInt64: Int](), done: 0))
    try concurrentForEach(count: work.count, threads: threads) { (index) throws(any Error) in
      try cancellation.check()
      let first = work[index][0].box
      let whole = work[index].reduce(first) { $0.union($1.box) }
      let counted = try count(try version.read(whole), work[index], whole.origin)
      let done = state.withLock { state in
        state.counts.merge(counted, uniquingKeysWith: +)
        state.done += 1
        return state.done
      }
      if isLong { progress.advance(to: done) }
    }
    return state.withLock { $0.counts }
  }
}

/// Something wanted of a chunk.
protocol BoxedPart: Sendable {
  var box: Box { get }
}

extension Box: BoxedPart {
  var box: Box { self }
}
