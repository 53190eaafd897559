// SPDX-License-Identifier: Apache-2.0

/// The part of an object, or of what may be a hole, that was found in one block.
public struct Fragment: Hashable, Sendable {
  /// How many voxels it has.
  public internal(set) var voxels = 0
  /// The place of its first voxel in C order of the whole volume.
  public internal(set) var first = Int.max
  /// The value that its voxels have.
  public internal(set) var value: UInt64 = 0
  /// Whether it is no part of an object but of what lies between objects.
  public internal(set) var isBackground = false
  /// Whether a voxel beside it is unknown.
  public internal(set) var touchesEdge = false
  /// The greatest height.
  var peak: Float = 0
  /// Where a flat part leads uphill, by the place in C order of the whole volume, and the label in the
  /// block.
  var exit: (place: Int, label: UInt32)?

  public static func == (a: Fragment, b: Fragment) -> Bool {
    (a.voxels, a.first, a.value, a.isBackground, a.touchesEdge) == (
      b.voxels, b.first, b.value, b.isBackground, b.touchesEdge
    )
      && a.peak == b.peak && a.exit?.place == b.exit?.place && a.exit?.label == b.exit?.label
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(first)
    hasher.combine(voxels)
  }
}

/// Two fragments that touch.
struct FragmentContact: Hashable, Sendable {
  /// The smaller number.
  let a: Int
  /// The larger number.
  let b: Int
  /// Of all ways over from one to the other the greatest height.
  var saddle: Float
}
