// SPDX-License-Identifier: Apache-2.0

/// How voxels become objects.
public struct LabellingRule: Codable, Hashable, Sendable {
  /// What makes voxels one object.
  public enum Grouping: Codable, Hashable, Sendable {
    /// They are connected and have one value.
    case components
    /// They lead uphill to one summit; see ``BlockLabels/init(watershedOf:in:of:rule:coverage:)``. Two
    /// summits are one object unless the highest way between them sinks by more than this share of the
    /// lower one's height.
    case watershed(depth: Double)
    /// They have one value, whether connected or not.
    case values
  }

  /// What makes voxels one object.
  public var grouping: Grouping
  /// Which voxels are neighbours.
  public var connectivity: Connectivity
  /// Whether every slice is taken for itself.
  public var isPerSlice: Bool
  /// Whether what an object encloses, without meeting another one or the edge of what is known, becomes
  /// part of it.
  public var fillsHoles: Bool

  public init(
    _ grouping: Grouping = .components, connectivity: Connectivity = .faces, isPerSlice: Bool = false,
    fillsHoles: Bool = false
  ) {
    self.grouping = grouping
    self.connectivity = connectivity
    self.isPerSlice = isPerSlice
    self.fillsHoles = fillsHoles
  }

  /// Whether voxels are followed uphill.
  public var isWatershed: Bool {
    if case .watershed = grouping { true } else { false }
  }

  /// How far around a block heights must be known.
  public static let heightMargin = 2
}
