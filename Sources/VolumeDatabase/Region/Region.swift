// SPDX-License-Identifier: Apache-2.0

/// A part of a volume as a person writes it: `z=18:36,y=0:1000` or `z=900nm:1800nm`.
///
/// Half-open, axes z, y, x; an axis left out means all of it. Voxel bounds count voxels of scale
/// level 0; physical bounds include the volume's origin and take the voxels whose centres lie
/// inside. What the bounds mean in voxels is known only beside a volume: see
/// ``box(in:voxelSize:origin:of:)``.
public struct Region: Hashable, Sendable {
  /// The bounds of one axis.
  enum Bounds: Hashable, Sendable {
    /// All of the axis.
    case all
    /// Voxels; an open end is `nil`.
    case voxels(lower: Int?, upper: Int?)
    /// Nanometres; an open end is `nil`.
    case nanometres(lower: Double?, upper: Double?)
    /// The one voxel that holds a position in nanometres.
    case position(Double)
  }

  /// The bounds of z, y and x.
  var axes: [Bounds]

  /// What the person wrote, for errors and records.
  public let text: String

  /// All of any volume.
  public static let all = Region(axes: [.all, .all, .all], text: "all")

  /// The region that is just `box`, in voxels of level 0.
  public static func voxels(lower: [Int], upper: [Int]) -> Region {
    precondition(lower.count == 3 && upper.count == 3, "a region has three axes")
    let names = ["z", "y", "x"]
    return Region(
      axes: (0..<3).map { .voxels(lower: lower[$0], upper: upper[$0]) },
      text: (0..<3).map { "\(names[$0])=\(lower[$0]):\(upper[$0])" }.joined(separator: ","))
  }
}

extension Region: CustomStringConvertible {
  public var description: String { text }
}
