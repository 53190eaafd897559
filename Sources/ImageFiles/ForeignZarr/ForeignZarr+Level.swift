// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Zarr

extension ForeignZarr {
  /// One array of the image, seen as a volume with the axes z, y, x.
  public struct Level: VoxelSource {
    public let extent: Extent
    public let voxelSize: VoxelSize?
    public let origin: [Double]
    public let files: [SourceFile]
    public let isRemote: Bool

    /// The array as it is stored, with all its axes.
    public let array: ZarrArray

    /// The names of its axes.
    public let axisNames: [String]

    let name: String
    let axes: SpatialAxes
    /// The part of the array that is the volume, in voxels of the array.
    let lower: [Int]
  }

  /// Opens a scale level, 0 being the finest.
  ///
  /// - Parameter channel: Which channel to take of an array that has several, from 0.
  /// - Throws: ``ImageFileError``: there is no such level or channel, or the array is no volume.
  public func level(_ number: Int, channel: Int? = nil) throws(ImageFileError) -> Level {
    guard (0..<levelCount).contains(number) else {
      throw .unsupported(path: name, reason: "has no scale level \(number): it has \(levelCount), from 0")
    }
    let described = multiscale?.levels[number]
    let array: ZarrArray
    var files = documents
    do throws(ZarrError) {
      let path = described?.path ?? ""
      array = try ZarrArray(opening: path == "." ? "" : path, in: store)
      if !array.path.isEmpty { files += try NodeDocuments(of: array.path, in: store).files(below: name) }
    } catch {
      throw .zarr(error, path: described.map { "\(name)/\($0.path)" } ?? name)
    }
    let axes = try SpatialAxes(
      shape: array.shape, named: multiscale?.axes ?? Self.axes(of: array), channel: channel, name: name)
    let extent = Extent(axes.places.map { place in place.map { array.shape[$0] } ?? 1 })
    guard !extent.isEmpty else {
      throw .unsupported(path: name, reason: "holds no voxels: its shape is \(array.shape)")
    }
    let lengths = described.flatMap { axes.nanometres($0, multiscale?.axes ?? []) }
    return Level(
      extent: extent, voxelSize: lengths?.voxelSize, origin: lengths?.origin ?? [0, 0, 0], files: files,
      isRemote: isRemote, array: array, axisNames: axes.names, name: name, axes: axes, lower: [0, 0, 0])
  }

  /// The axes that an array names itself: by `dimension_names`, or by the attribute that xarray writes.
  private static func axes(of array: ZarrArray) -> [MultiscaleMetadata.Axis]? {
    let written = array.metadata.attributes["_ARRAY_DIMENSIONS"]?.array?.map(\.string)
    guard let names = array.metadata.dimensionNames ?? written, names.count == array.shape.rank,
      names.contains(where: { $0.map(SpatialAxes.isSpatial) ?? false })
    else { return nil }
    return names.enumerated().map { MultiscaleMetadata.Axis(name: $1 ?? "\($0)", type: nil, unit: nil) }
  }
}

extension ForeignZarr.Level {
  public var dataType: DataType { array.dataType }

  public var sliceNumbers: [Int] { Array(0..<extent[0]) }

  public var numbering: SliceNumbering? { nil }

  public var blockShape: Extent {
    Extent(axes.places.map { place in place.map { array.innerGrid.chunk[$0] } ?? 1 })
  }

  public func sliceName(_ index: Int) -> String { "\(name) z=\(lower[0] + index)" }

  public func read(_ box: Box, threads: Int) throws(ImageFileError) -> NDArray {
    precondition(Box(extent).contains(box), "a box lies inside the volume")
    do throws(ZarrError) {
      return try array.read(axes.box(box.translated(by: lower), in: array.shape), threads: threads)
        .reshaped(box.extent)
    } catch {
      throw .zarr(error, path: name)
    }
  }

  /// A part of the volume as a volume of its own.
  ///
  /// - Parameters:
  ///   - voxelSize: The voxel size, whatever the files say.
  ///   - origin: The position of the centre of the first voxel of the whole in nm.
  /// - Precondition: `box` lies inside.
  public func cropped(to box: Box, voxelSize: VoxelSize, origin: [Double]) -> Self {
    precondition(Box(extent).contains(box), "a part lies inside the volume")
    let step = voxelSize.nanometres
    return Self(
      extent: box.extent, voxelSize: voxelSize,
      origin: (0..<3).map { origin[$0] + Double(box.origin[$0]) * step[$0] }, files: files,
      isRemote: isRemote, array: array, axisNames: axisNames, name: name, axes: axes,
      lower: (0..<3).map { lower[$0] + box.origin[$0] })
  }
}
