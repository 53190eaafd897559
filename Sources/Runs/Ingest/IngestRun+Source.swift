// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import ImageFiles
import VolumeDatabase

extension IngestRun {
  /// Opens what is to be ingested: a Zarr volume if that is all that is named, else slices.
  ///
  /// - Parameter image: The image that labels belong to, whose voxel size physical bounds may need.
  func openSource(placedIn image: StoredVersion?) throws -> any VoxelSource {
    guard let zarr = paths.first(where: isZarrVolume) else {
      if region != nil { throw IngestError.regionOfSlices(path: place) }
      return try SliceStack(
        opening: paths,
        options: .init(
          allowGaps: allowGaps || positions != nil, mixedDepths: classes?.isNonzero == true && !hasInstances,
          channel: channel))
    }
    guard paths.count == 1 else { throw IngestError.severalVolumes(path: bareAddress(zarr)) }
    let level = try ForeignZarr(at: zarr).level(0, channel: channel)
    guard let region else { return level }
    guard let size = voxelSize ?? level.voxelSize ?? image?.record.voxelSize else {
      throw IngestError.noVoxelSize(path: place)
    }
    let origin = level.origin(by: voxelSize)
    let box = try Region(parsing: region).box(in: level.extent, voxelSize: size, origin: origin, of: place)
    return level.cropped(to: box, voxelSize: size, origin: origin)
  }
}

extension VoxelSource {
  /// The position of the first voxel if a person gives the voxel size: what the files say counts only where
  /// they say the same size.
  func origin(by given: VoxelSize?) -> [Double] {
    guard let given, given != voxelSize else { return origin }
    return [0, 0, 0]
  }
}

extension VoxelSize {
  /// Whether two sizes differ by no more than a thousandth, as after a conversion of units.
  func isAbout(_ other: VoxelSize) -> Bool {
    zip(nanometres, other.nanometres).allSatisfy { abs($0 - $1) <= 1e-3 * max($0, $1) }
  }
}
