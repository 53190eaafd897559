// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Networks
import VolumeDatabase

/// One class of one pair: where its labels are known and which voxels have it.
struct ClassSource: Sendable {
  /// The label versions that have the class.
  let versions: [(version: StoredVersion, rule: LabelRule)]
  /// Where labels may be learned from, in voxels of the volume; disjoint.
  let training: [Box]
  /// Where they serve for validation.
  let validation: [Box]
  /// Masks of the class on the working grid, by slice.
  let planes: PlaneCache
  /// Where the class is inside ``training``.
  let foreground: ForegroundIndex

  /// - Throws: What reading the catalog throws.
  init(
    _ versions: [(version: StoredVersion, rule: LabelRule)], training: [Box], validation: [Box],
    grid: WorkingGrid, catalog: Catalog, budget: Int, threads: Int
  ) throws {
    self.versions = versions
    self.training = training
    self.validation = validation
    planes = PlaneCache(budget: budget) { slices in
      var result: [NDArray] = []
      for (version, rule) in versions {
        let masks = try SliceReader(version: version, threads: threads)
          .map(slices) { grid.mask(from: rule.mask(of: $0)) }
        result = result.isEmpty ? masks : zip(result, masks).map { Self.union($0, $1) }
      }
      return result
    }
    var index = ForegroundIndex()
    for (version, rule) in versions {
      let layout = ChunkGrid(shape: version.record.shape, chunk: version.record.chunk)
      for chunk in try catalog.chunkStatistics(ofVersion: version.record.id) {
        let count = rule.count(in: chunk)
        if count == 0 { continue }
        let box = layout.box(at: chunk.index)
        for part in training.map({ $0.intersection(box) }) where !part.isEmpty {
          index.add(part, voxels: Double(count) * Double(part.count) / Double(box.count))
        }
      }
    }
    foreground = index
  }

  private static func union(_ a: NDArray, _ b: NDArray) -> NDArray {
    var result = a
    result.withMutableSpan(of: UInt8.self) { target in
      b.withSpan(of: UInt8.self) { other in
        for index in other.indices where other[index] != 0 { target[index] = 1 }
      }
    }
    return result
  }

  /// Whether a slice has a voxel that may be learned from, or that serves for validation.
  func isLabelled(_ slice: Int, in boxes: [Box]) -> Bool {
    boxes.contains { $0.range(0).contains(slice) }
  }

  /// A foreground voxel: its slice in the volume, its row and column on the working grid.
  ///
  /// - Returns: `nil` if none was found in eight chunks.
  func foregroundVoxel(grid: WorkingGrid, _ random: inout SplitMix64) throws -> [Int]? {
    if foreground.isEmpty { return nil }
    for _ in 0..<8 {
      let piece = foreground.draw(&random)
      let inside = grid.inside(piece)
      if inside.isEmpty { continue }
      let depth = piece.extent[0]
      let start = Int(random.next() % UInt64(depth))
      let wanted = random.next()
      for step in 0..<depth {
        let z = piece.origin[0] + (start + step) % depth
        let plane = try planes.planes([z])[0]
        if let (y, x) = Self.voxel(of: plane, in: inside, wanted) { return [z, y, x] }
      }
    }
    return nil
  }

  /// One of the voxels of a plane that are set inside a box, or `nil` if none is.
  private static func voxel(of plane: NDArray, in box: Box, _ wanted: UInt64) -> (y: Int, x: Int)? {
    let width = plane.extent[1]
    return plane.withSpan(of: UInt8.self) { mask -> (y: Int, x: Int)? in
      var count: UInt64 = 0
      for y in box.range(1) {
        for x in box.range(2) where mask[y * width + x] != 0 { count += 1 }
      }
      if count == 0 { return nil }
      var rest = wanted % count
      for y in box.range(1) {
        for x in box.range(2) where mask[y * width + x] != 0 {
          if rest == 0 { return (y, x) }
          rest -= 1
        }
      }
      return nil
    }
  }
}
