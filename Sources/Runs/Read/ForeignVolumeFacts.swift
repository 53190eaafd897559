// SPDX-License-Identifier: Apache-2.0

public import Arrays
import ImageFiles
import Zarr

/// What the metadata of a Zarr volume of another program say; no voxel is read.
public struct ForeignVolumeFacts: Hashable, Sendable {
  /// One scale level.
  public struct Level: Hashable, Sendable {
    /// Voxels along z, y, x.
    public let shape: Extent
    /// The voxel size, as far as it is said.
    public let voxelSize: VoxelSize?
  }

  /// The path or the address.
  public let place: String
  /// As in `OME-NGFF 0.5, Zarr 3`.
  public let format: String
  /// The names of the axes of the finest array, and its shape along them.
  public let axes: [String]
  public let arrayShape: Extent
  public let dataType: DataType
  /// The position of the first voxel's centre in nm.
  public let origin: [Double]
  /// The smallest part that can be read alone, z, y, x.
  public let chunk: Extent
  /// From the finest on.
  public let levels: [Level]

  /// Reads the metadata at a path or an address.
  ///
  /// - Parameter channel: The channel of a volume that has several; the first where it is not given.
  /// - Throws: `ImageFileError`.
  public init(of place: String, channel: Int = 0) throws {
    let image = try ForeignZarr(at: place)
    let opened = try (0..<image.levelCount).map { try image.level($0, channel: channel) }
    let finest = opened[0]
    self.place = image.name
    format =
      (image.multiscale == nil ? "" : "OME-NGFF \(image.imageFormat ?? "0.4"), ")
      + "Zarr \(finest.array.format)"
    axes = finest.axisNames
    arrayShape = finest.array.shape
    dataType = finest.dataType
    origin = finest.origin
    chunk = finest.blockShape
    levels = opened.map { Level(shape: $0.extent, voxelSize: $0.voxelSize) }
  }
}
