// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Networks
import VolumeDatabase

/// One class of one pair: where its labels are known and which voxels have it.
struct ClassSource: Sendable {
  /// What a voxel is asked for.
  enum Target: Hashable, Sendable {
    /// Whether it belongs to the class.
    case mask
    /// Whether it lies at the boundary of an object of the class.
    case boundary
  }

  /// What is known of a voxel in ``planes``.
  enum Voxel {
    static let background: UInt8 = 0
    static let foreground: UInt8 = 1
    static let ignored: UInt8 = 2
  }

  /// The label versions that have the class.
  let versions: [(version: StoredVersion, rule: LabelRule)]
  /// Where labels may be learned from, in voxels of the volume; disjoint.
  let training: [Box]
  /// Where they serve for validation.
  let validation: [Box]
  /// What is asked of a voxel.
  let target: Target
  /// What voxels are on the working grid (``Voxel``), by slice.
  let planes: PlaneCache
  /// Where the class is inside ``training``.
  let foreground: ForegroundIndex

  /// - Parameters:
  ///   - ignoring: Values that mean nobody knows.
  ///   - budget: Bytes of planes that are kept.
  /// - Throws: What reading the catalog throws.
  init(
    _ versions: [(version: StoredVersion, rule: LabelRule)], target: Target, ignoring: Set<UInt64>,
    training: [Box], validation: [Box], grid: WorkingGrid, catalog: Catalog, budget: Int, threads: Int
  ) throws {
    self.versions = versions
    self.target = target
    self.training = training
    self.validation = validation
    planes = PlaneCache(budget: budget) { slices in
      var result: [NDArray] = []
      for (version, rule) in versions {
        let planes = try SliceReader(version: version, threads: threads).map(slices) {
          Self.plane(of: $0, rule, target, ignoring: ignoring, grid: grid)
        }
        result = result.isEmpty ? planes : zip(result, planes).map { Self.union($0, $1) }
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

  /// One slice of labels on the working grid.
  private static func plane(
    of labels: NDArray, _ rule: LabelRule, _ target: Target, ignoring: Set<UInt64>, grid: WorkingGrid
  ) -> NDArray {
    let extent: Extent = [grid.extent[1], grid.extent[2]]
    var plane =
      switch target {
      case .mask: grid.mask(from: rule.mask(of: labels))
      case .boundary: rule.boundary(of: labels, on: extent)
      }
    if ignoring.isEmpty { return plane }
    // A seen voxel of which any part is unknown is unknown.
    let unknown = grid.mask(from: LabelRule.values(ignoring).mask(of: labels), least: 1e-6)
    plane.withMutableSpan(of: UInt8.self) { plane in
      unknown.withSpan(of: UInt8.self) { unknown in
        for index in unknown.indices where unknown[index] != 0 { plane[index] = Voxel.ignored }
      }
    }
    return plane
  }

  /// Foreground where any has it, unknown where any is.
  private static func union(_ a: NDArray, _ b: NDArray) -> NDArray {
    var result = a
    result.withMutableSpan(of: UInt8.self) { target in
      b.withSpan(of: UInt8.self) { other in
        for index in other.indices where other[index] != 0 {
          if target[index] != Voxel.foreground { target[index] = other[index] }
        }
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
        for x in box.range(2) where mask[y * width + x] == Voxel.foreground { count += 1 }
      }
      if count == 0 { return nil }
      var rest = wanted % count
      for y in box.range(1) {
        for x in box.range(2) where mask[y * width + x] == Voxel.foreground {
          if rest == 0 { return (y, x) }
          rest -= 1
        }
      }
      return nil
    }
  }
}
