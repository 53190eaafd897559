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
  /// Of a watershed: the place of the first voxel that leads to its summit, without what was joined to it
  /// since.
  var basinFirst = Int.max
  /// Where a flat part leads uphill, by the place in C order of the whole volume, and the label in the
  /// block.
  var exit: (place: Int, label: UInt32)?

  public static func == (a: Fragment, b: Fragment) -> Bool {
    (a.voxels, a.first, a.value, a.isBackground, a.touchesEdge) == (
      b.voxels, b.first, b.value, b.isBackground, b.touchesEdge
    )
      && a.peak == b.peak && a.basinFirst == b.basinFirst && a.exit?.place == b.exit?.place
      && a.exit?.label == b.exit?.label
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(first)
    hasher.combine(voxels)
  }

  /// Takes in another part of the same object, or of the same hole.
  mutating func absorb(_ other: Fragment) {
    voxels += other.voxels
    if !other.isBackground { first = min(first, other.first) }
    isBackground = isBackground && other.isBackground
    touchesEdge = touchesEdge || other.touchesEdge
    if value == 0 { value = other.value }
    peak = max(peak, other.peak)
    basinFirst = min(basinFirst, other.basinFirst)
  }
}

/// Two fragments that touch.
struct FragmentContact: Hashable, Sendable {
  /// The smaller number.
  var a: Int
  /// The larger number.
  var b: Int
  /// Of all ways over from one to the other the greatest height.
  var saddle: Float
  /// The first voxel of the basin that the way leads from, where that was joined to the fragment before, else
  /// ``own``.
  var originA = FragmentContact.own
  /// The same of the basin that it leads to.
  var originB = FragmentContact.own

  /// The way leads from the basin that the fragment was from the beginning.
  static let own = -1

  /// The same way between what the two became; `nil` if that is one.
  func between(_ a: Int, _ b: Int) -> FragmentContact? {
    if a == b { return nil }
    var one = self
    (one.a, one.b) = (min(a, b), max(a, b))
    if a > b { (one.originA, one.originB) = (originB, originA) }
    return one
  }
}
