// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog

extension VersionSpecification {
  /// A next version of a volume that is all that `parent` is: what is not changed of this, and what is not
  /// written, stays the parent's.
  ///
  /// - Throws: ``DatabaseError/catalog(_:)``.
  public init(
    continuing parent: StoredVersion, in database: VolumeDatabase
  ) throws(DatabaseError) {
    let record = parent.record
    self.init(
      volume: parent.volume, kind: record.kind, dataType: record.dataType, shape: record.shape,
      voxelSize: record.voxelSize)
    origin = record.origin
    classes = parent.classes.map { ClassAssignment(name: $0.className, mode: $0.mode, value: $0.value) }
    self.parent = parent.reference
    valueScale = record.valueScale
    note = record.note
    let (image, files) = try inCatalog { () throws(CatalogError) in
      (
        try record.imageID.map { (id) throws(CatalogError) in try database.catalog.version(id) },
        try database.catalog.sourceFiles(ofVersion: record.id)
      )
    }
    if let image { self.image = try VersionReference(parsing: image.reference) }
    sourceFiles = files
  }
}
