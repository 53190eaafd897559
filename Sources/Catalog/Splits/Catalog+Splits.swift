// SPDX-License-Identifier: Apache-2.0

internal import Arrays
internal import GRDB

extension Catalog {
  /// Splits a volume, in place of how it was split before; an empty list undoes the split.
  ///
  /// - Throws: ``CatalogError/overlappingSplits(_:_:)`` if two parts have a voxel in common.
  /// - Parameter uuids: Those of boxes that are being restored, in their order; new ones by default.
  public func setSplits(
    _ boxes: [SplitBox], ofVolume id: Int64, uuids: [String] = []
  ) throws(CatalogError) {
    for (index, a) in boxes.enumerated() {
      for b in boxes[..<index] where a.part != b.part && a.box.intersects(b.box) {
        throw .overlappingSplits("\(b.part.rawValue) \(b.box)", "\(a.part.rawValue) \(a.box)")
      }
    }
    try write { database in
      try database.execute(sql: "DELETE FROM split WHERE volume_id = ?", arguments: [id])
      for (number, one) in boxes.enumerated() {
        try database.execute(
          sql: """
            INSERT INTO split (uuid, volume_id, part, z_start, y_start, x_start, z_end, y_end, x_end)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            number < uuids.count ? uuids[number] : newUUID(), id, one.part.rawValue,
          ] + one.box.columns)
      }
    }
  }

  /// The UUIDs of the boxes of a split, in the order given.
  public func splitUUIDs(ofVolume id: Int64) throws(CatalogError) -> [String] {
    try read { database in
      try String.fetchAll(
        database, sql: "SELECT uuid FROM split WHERE volume_id = ? ORDER BY id", arguments: [id])
    }
  }

  /// How a volume is split, in the order given.
  public func splits(ofVolume id: Int64) throws(CatalogError) -> [SplitBox] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM split WHERE volume_id = ? ORDER BY id", arguments: [id]
      ).map { row in SplitBox(try row.word("part"), try row.box()) }
    }
  }
}
