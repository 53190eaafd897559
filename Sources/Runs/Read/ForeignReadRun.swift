// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles
public import VolumeDatabase

/// Copies the voxels of a region of a Zarr volume of another program, on this machine or behind an address,
/// to a TIFF, NPY or PNG file.
public struct ForeignReadRun: Sendable {
  /// The path or the address.
  public var place: String
  /// What is read of it.
  public var region: Region
  /// The scale level.
  public var level: Int
  /// The channel of a volume that has several.
  public var channel: Int?
  /// Where to: `.tif`, `.tiff`, `.npy` or `.png`.
  public var output: String

  public init(
    _ place: String, region: Region = .all, level: Int = 0, channel: Int? = nil, output: String
  ) {
    self.place = place
    self.region = region
    self.level = level
    self.channel = channel
    self.output = output
  }

  /// Reads and writes.
  ///
  /// - Parameter threads: How many threads decode.
  /// - Throws: `ImageFileError`, `DatabaseError` for a region, ``ReadError``; then there is no file, or the
  ///   old one.
  @discardableResult
  public func perform(
    threads: Int = 2, progress: any ProgressReporter = SilentProgress(),
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> ReadRun.Report {
    let file = try RegionFile(output)
    let image = try ForeignZarr(at: place)
    let finest = try image.level(0, channel: channel)
    let wanted = level == 0 ? finest : try image.level(level, channel: channel)
    if region.isPhysical && finest.voxelSize == nil { throw ReadError.noVoxelSize(path: image.name) }
    let box = try region.box(
      in: finest.extent, voxelSize: finest.voxelSize ?? VoxelSize(z: 1, y: 1, x: 1), origin: finest.origin,
      of: image.name)
    let inside = wanted.touching(box, of: finest)
    progress.begin(ProgressStage("reading \(image.name)", total: inside.extent[0], unit: "slices"))
    try file.write(
      inside, of: wanted.dataType, voxelSize: wanted.voxelSize, depth: wanted.blockShape[0], progress,
      cancellation
    ) { try wanted.read($0, threads: threads) }
    progress.end()
    return ReadRun.Report(
      version: image.name, overlay: nil, box: inside, level: level, voxelSize: wanted.voxelSize,
      dataType: wanted.dataType, path: output, byteCount: try file.byteCount)
  }
}

extension ForeignZarr.Level {
  /// Every voxel of this level that touches a box of the finest one; where the files do not say how large
  /// voxels are, by the ratio of the shapes.
  func touching(_ box: Box, of finest: ForeignZarr.Level) -> Box {
    let ratios = (0..<3).map { axis in
      guard let fine = finest.voxelSize, let coarse = voxelSize else {
        return Double(extent[axis]) / Double(finest.extent[axis])
      }
      return fine.nanometres[axis] / coarse.nanometres[axis]
    }
    return Box(
      lower: (0..<3).map { min(Int(Double(box.lower[$0]) * ratios[$0] + 1e-9), extent[$0] - 1) },
      upper: (0..<3).map {
        min(max(1, Int((Double(box.upper[$0]) * ratios[$0] - 1e-9).rounded(.up))), extent[$0])
      })
  }
}
