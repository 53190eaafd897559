// SPDX-License-Identifier: Apache-2.0

/// The objects of a volume, and which fragments they are made of.
public struct MergedObjects: Sendable {
  /// An object; its id is its place in ``objects`` and 1.
  public struct Object: Hashable, Sendable {
    /// How many voxels it has.
    public let voxels: Int
    /// The place of its first voxel in C order of the volume.
    public let first: Int
    /// The value that its voxels have.
    public let value: UInt64
    /// Whether a voxel beside it is unknown.
    public let touchesEdge: Bool
  }

  /// By the C order of their first voxels.
  public let objects: [Object]
  /// The id of the object of each node; 0 if it belongs to none.
  private let ids: [UInt64]
  private let history: FragmentHistory

  init(objects: [Object], ids: [UInt64], history: FragmentHistory) {
    self.objects = objects
    self.ids = ids
    self.history = history
  }

  /// The id of the object of a fragment; 0 if it belongs to none.
  ///
  /// - Parameter fragment: Its number, blocks in the order in which they came.
  public func id(ofFragment fragment: Int) -> UInt64 { ids(ofFragments: fragment..<fragment + 1)[0] }

  /// The id of each label of a block, that of label 0 first.
  public func table(forBlock ordinal: Int, count: Int) -> [UInt64] {
    guard let first = history.firstFragment(ofBlock: ordinal) else {
      return [UInt64](repeating: 0, count: count + 1)
    }
    return [0] + ids(ofFragments: first..<first + count)
  }

  /// - Parameter fragments: Of one block.
  private func ids(ofFragments fragments: Range<Int>) -> [UInt64] {
    history.nodes(ofFragments: fragments).map { ids[Int($0)] }
  }
}
