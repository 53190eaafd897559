// SPDX-License-Identifier: Apache-2.0

import Arrays
public import Catalog

extension VolumeDatabase {
  /// Splits a volume, in place of how it was split before; an empty list undoes the split.
  ///
  /// - Parameter guarding: The gap that parts must keep, by the voxel size of the latest version.
  /// - Throws: ``DatabaseError/overlappingSplit(volume:first:second:)`` if boxes of different parts have
  ///   voxels in common, ``DatabaseError/guardGap(volume:first:second:gap:needed:)`` if they come too near
  ///   to each other; the old split then stays.
  public func setSplits(
    _ boxes: [SplitBox], of reference: VolumeReference, guarding: SplitGuard = SplitGuard()
  ) throws(DatabaseError) {
    try requireWriting()
    let volume = try volume(reference)
    if !boxes.isEmpty {
      let latest = try record(VersionReference(volume: reference))
      try guarding.check(boxes, voxelSize: latest.voxelSize, volume: volume.reference)
    }
    try inCatalog { () throws(CatalogError) in try catalog.setSplits(boxes, ofVolume: volume.id) }
    try writeGroup(of: volume)
  }

  /// How a volume is split.
  public func splits(of reference: VolumeReference) throws(DatabaseError) -> [SplitBox] {
    let volume = try volume(reference)
    return try inCatalog { () throws(CatalogError) in try catalog.splits(ofVolume: volume.id) }
  }
}
