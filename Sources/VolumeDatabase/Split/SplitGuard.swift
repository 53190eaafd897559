// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog

/// The gap that must lie between boxes whose labels serve for different things.
public struct SplitGuard: Hashable, Codable, Sendable {
  /// The gap in nanometres; `nil` is two slices or 100 nm, whichever is more.
  public let nanometres: Double?

  public init(nanometres: Double? = nil) { self.nanometres = nanometres }

  /// The gap that a volume needs, in nanometres.
  public func needed(voxelSize: VoxelSize) -> Double { nanometres ?? max(2 * voxelSize.z, 100) }

  /// Checks that parts of a split neither overlap nor come too near to each other.
  ///
  /// The distance of two boxes is the one along the axis that keeps them farthest apart.
  ///
  /// - Parameter volume: The volume as errors call it.
  /// - Throws: ``DatabaseError/overlappingSplit(volume:first:second:)`` or
  ///   ``DatabaseError/guardGap(volume:first:second:gap:needed:)``.
  public func check(
    _ boxes: [SplitBox], voxelSize: VoxelSize, volume: String
  ) throws(DatabaseError) {
    let needed = needed(voxelSize: voxelSize)
    for (number, a) in boxes.enumerated() {
      for b in boxes[..<number] where a.part != b.part {
        let first = "\(b.part.rawValue) \(b.box)"
        let second = "\(a.part.rawValue) \(a.box)"
        if a.box.intersects(b.box) {
          throw .overlappingSplit(volume: volume, first: first, second: second)
        }
        let gap = Self.gap(a.box, b.box, voxelSize)
        // Sizes are decimals: a gap of just what is needed is enough.
        if gap < needed * (1 - 1e-9) {
          throw .guardGap(volume: volume, first: first, second: second, gap: gap, needed: needed)
        }
      }
    }
  }

  /// How far apart two boxes are along the axis that separates them most, in nanometres.
  static func gap(_ a: Box, _ b: Box, _ voxelSize: VoxelSize) -> Double {
    (0..<3).map { axis in
      Double(max(a.lower[axis] - b.upper[axis], b.lower[axis] - a.upper[axis], 0))
        * voxelSize.nanometres[axis]
    }.max() ?? 0
  }
}
