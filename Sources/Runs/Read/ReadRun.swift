// SPDX-License-Identifier: Apache-2.0

public import Arrays
import Catalog
import ImageFiles
public import VolumeDatabase
import Zarr

/// Copies the voxels of a region to a TIFF, NPY or PNG file, or draws labels over an image.
///
/// Voxels are written as they are stored; memory holds one layer of chunks.
public struct ReadRun: Sendable {
  /// The version that is read.
  public var version: VersionReference
  /// What is read of it.
  public var region: Region
  /// The scale level.
  public var level: Int
  /// Where to: `.tif`, `.tiff`, `.npy` or `.png`.
  public var output: String
  /// Labels that are drawn over the image; goes to PNG only.
  public var overlay: VersionReference?

  public init(
    _ version: VersionReference, region: Region = .all, level: Int = 0, output: String,
    overlay: VersionReference? = nil
  ) {
    self.version = version
    self.region = region
    self.level = level
    self.output = output
    self.overlay = overlay
  }

  /// What was written.
  public struct Report: Hashable, Sendable {
    /// The version, as in `ratliver/em@3`.
    public let version: String
    /// The labels drawn over it.
    public let overlay: String?
    /// The voxels, in voxels of ``level``.
    public let box: Box
    public let level: Int
    /// The voxel size of the level; `nil` where a file of another program does not say it.
    public let voxelSize: VoxelSize?
    public let dataType: DataType
    public let path: String
    public let byteCount: Int
  }

  /// Reads and writes.
  ///
  /// - Parameter threads: How many threads decode.
  /// - Throws: `DatabaseError`, ``ReadError``, `ImageFileError`; then there is no file, or the old one.
  @discardableResult
  public func perform(
    in database: VolumeDatabase, threads: Int = 2, progress: any ProgressReporter = SilentProgress(),
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> Report {
    let file = try RegionFile(output)
    let version = try database.version(self.version)
    let box = try region.resolved(in: version, level: level)
    let labels = try overlay.map { try database.version($0) }
    if file.format == .png && box.extent[0] != 1 {
      throw ReadError.manySlices(path: output, count: box.extent[0])
    }
    progress.begin(ProgressStage("reading \(version.reference)", total: box.extent[0], unit: "slices"))
    if let labels {
      guard file.format == .png else { throw ReadError.overlayNeedsPicture(path: output) }
      let known = try database.catalog.classes().compactMap { one in one.colour.map { (one.id, $0) } }
      let drawing = LabelOverlay(labels.classes, colors: Dictionary(uniqueKeysWithValues: known))
      try PNGWriter.write(try picture(version, labels, drawing, box, threads), to: output)
      progress.advance(to: 1)
    } else {
      try file.write(
        box, of: version.record.dataType, voxelSize: voxelSize(version),
        depth: try version.array(level: level).innerGrid.chunk[0], progress, cancellation
      ) { try version.read($0, level: level, threads: threads) }
    }
    progress.end()
    return Report(
      version: "\(version.reference)", overlay: labels.map { "\($0.reference)" }, box: box, level: level,
      voxelSize: voxelSize(version), dataType: version.record.dataType, path: output,
      byteCount: try file.byteCount)
  }

  private func voxelSize(_ version: StoredVersion) -> VoxelSize {
    version.record.voxelSize.scaled(by: version.levelPlan.factors(of: level))
  }

  /// One slice of an image with labels over it.
  private func picture(
    _ image: StoredVersion, _ labels: StoredVersion, _ drawing: LabelOverlay, _ box: Box, _ threads: Int
  ) throws -> NDArray {
    let (a, b) = (image.record, labels.record)
    guard b.kind == .label || b.kind == .prediction else {
      throw ReadError.overlayIsNoLabel(b.reference, kind: b.kind.rawValue)
    }
    guard a.shape == b.shape, a.voxelSize == b.voxelSize, a.origin == b.origin,
      image.levelPlan == labels.levelPlan
    else { throw ReadError.otherGrid(overlay: b.reference, image: a.reference) }
    let plane: Extent = [box.extent[1], box.extent[2]]
    let gray = GrayPicture(
      try image.read(box, level: level, threads: threads).reshaped(plane), range: a.displayRange)
    let voxels = try labels.read(box, level: level, threads: threads).reshaped(plane)
    return drawing.drawn(voxels, over: gray.picture)
  }
}
