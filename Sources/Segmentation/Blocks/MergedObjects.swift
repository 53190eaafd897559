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
  /// The id of the object of each fragment, blocks in the order in which they came; 0 if it belongs to none.
  public let ids: [UInt64]
  private let offsets: [Int: Int]

  init(objects: [Object], ids: [UInt64], offsets: [Int: Int]) {
    self.objects = objects
    self.ids = ids
    self.offsets = offsets
  }

  /// The number of a block's first fragment among all.
  ///
  /// - Parameter ordinal: The block's place in C order of the grid; it was added.
  public func firstFragment(ofBlock ordinal: Int) -> Int {
    guard let offset = offsets[ordinal] else { preconditionFailure("the block was added") }
    return offset
  }

  /// The id of each label of a block, that of label 0 first.
  public func table(forBlock ordinal: Int, count: Int) -> [UInt64] {
    guard let offset = offsets[ordinal] else { return [UInt64](repeating: 0, count: count + 1) }
    return [0] + ids[offset..<offset + count]
  }
}
