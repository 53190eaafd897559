// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog

/// What is known of a region.
public struct QueryReport: Sendable {
  /// How many voxels of a region are of a class.
  public struct ClassVolume: Hashable, Sendable {
    /// The canonical name.
    public let name: String
    /// How values stand for it.
    public let mode: ClassMode
    /// The values that stand for it; empty unless the mode is semantic.
    public let values: [UInt64]
    /// How many voxels of the region are annotated or computed for it.
    public let coveredVoxels: Int
    /// Covered voxels as a share of the region, 0 to 1.
    public let coveredFraction: Double
    /// How many covered voxels are of the class; `nil` for probabilities.
    public let voxels: Int?
    /// The same in µm³.
    public let cubicMicrometres: Double?
  }

  /// An object that has voxels in the region.
  public struct Object: Hashable, Sendable {
    /// The id that its voxels have; of a piece of a semantic volume, its number in this report.
    public let id: UInt64
    /// The canonical name of its class.
    public let className: String
    /// Its voxels: in the whole version, or of a piece those in the region.
    public let voxels: Int
    /// Its voxels in the covered part of the region.
    public let voxelsInRegion: Int
    /// ``voxels`` in µm³.
    public let cubicMicrometres: Double
    /// The smallest box that holds it, in voxels of the version.
    public let box: Box
    /// Its centre of mass, nm, z, y, x.
    public let centroid: [Double]
  }

  /// How objects were found.
  public enum ObjectSource: String, Sendable {
    /// They are the ids of the voxels.
    case ids
    /// They are the 26-connected pieces of the covered region, cut off at its border.
    case pieces
  }

  /// A version and what it says of the region.
  public struct Version: Sendable {
    /// What the catalog knows of it.
    public let record: VersionRecord
    /// The region in its own voxels, where the two meet; empty where they do not.
    public let box: Box
    /// How many voxels of its grid the region has, also past its shape.
    public let regionVoxels: Int
    /// How many of them it covers, for any class.
    public let coveredVoxels: Int
    /// Covered voxels as a share of the region, 0 to 1.
    public let coveredFraction: Double
    /// By class, in the order of its values; background is not listed.
    public let classes: [ClassVolume]
    /// Objects by class and id, if they were asked for.
    public let objects: [Object]?
    /// How the objects were found.
    public let objectSource: ObjectSource?
    /// How many chunks were decoded for the counts of the classes.
    public let decodedChunks: Int
  }

  /// The version whose voxels the region counts; `nil` where all of several grids was asked for.
  public let grid: VersionRecord?
  /// The region in voxels of ``grid``.
  public let box: Box?
  /// Versions that cover some of the region, by reference; one that was named even if it covers none.
  public let versions: [Version]
}
