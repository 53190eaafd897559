// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// The part of one object that lies in one shard.
public struct InstanceFragment: Hashable, Sendable {
  /// The id of the object, not 0.
  public let instance: UInt64
  /// What the object is.
  public let classID: Int64
  /// Voxels of the part.
  public let voxels: Int
  /// The smallest box that holds the part, in voxels of scale level 0.
  public let box: Box
  /// Sums of the positions of its voxels, z, y, x.
  public let sums: [Int]

  public init(instance: UInt64, classID: Int64, voxels: Int, box: Box, sums: [Int]) {
    self.instance = instance
    self.classID = classID
    self.voxels = voxels
    self.box = box
    self.sums = sums
  }
}

/// An object of a version: the union of its fragments.
public struct InstanceRecord: Hashable, Sendable {
  /// The id, as the voxels have it.
  public let id: UInt64
  /// What it is.
  public let classID: Int64
  /// The canonical name of the class.
  public let className: String
  /// Its voxels in the whole version.
  public let voxels: Int
  /// The smallest box that holds it, in voxels of scale level 0.
  public let box: Box
  /// The mean position of its voxels, z, y, x, in voxels.
  public let centroid: [Double]
}
