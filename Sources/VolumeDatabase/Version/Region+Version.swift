// SPDX-License-Identifier: Apache-2.0

public import Arrays
import Catalog
import Zarr

extension Region {
  /// The voxels of a version that the region takes.
  ///
  /// - Parameter level: The scale level whose voxels are wanted: every one that touches the region.
  /// - Throws: ``DatabaseError/regionOutOfBounds(region:volume:valid:)``,
  ///   ``DatabaseError/badRegion(_:reason:)`` or ``DatabaseError/noLevel(_:version:count:)``.
  public func resolved(in version: StoredVersion, level: Int = 0) throws(DatabaseError) -> Box {
    let record = version.record
    let box = try box(
      in: record.shape, voxelSize: record.voxelSize, origin: record.origin, of: record.reference)
    let array = try version.array(level: level)
    return level == 0 ? box : box.coarsened(by: version.levelPlan.factors(of: level), within: array.shape)
  }
}
