// SPDX-License-Identifier: Apache-2.0

import Arrays
public import Catalog

extension VolumeDatabase {
  /// Splits a volume, in place of how it was split before; an empty list undoes the split.
  ///
  /// - Throws: ``DatabaseError/overlappingSplit(volume:first:second:)`` if boxes of different parts have
  ///   voxels in common.
  public func setSplits(_ boxes: [SplitBox], of reference: VolumeReference) throws(DatabaseError) {
    try requireWriting()
    let volume = try volume(reference)
    for (number, a) in boxes.enumerated() {
      for b in boxes[..<number] where a.part != b.part && a.box.intersects(b.box) {
        throw .overlappingSplit(
          volume: volume.reference, first: "\(b.part.rawValue) \(b.box)",
          second: "\(a.part.rawValue) \(a.box)")
      }
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
