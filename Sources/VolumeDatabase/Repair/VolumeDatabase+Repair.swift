// SPDX-License-Identifier: Apache-2.0

import Catalog

extension VolumeDatabase {
  /// Brings a catalog that is there into line with the files: enters what it does not know, statistics and
  /// objects included, and writes descriptions anew that are missing. Voxels are never touched.
  ///
  /// - Parameters:
  ///   - threads: How many threads look at voxels.
  ///   - progress: Called with the bytes of shards looked at, and those to be looked at in all.
  public func repair(
    threads: Int = 2, progress: @Sendable (Int, Int) throws -> Void = { _, _ in }
  ) throws -> RepairReport {
    try requireWriting()
    var restoring = Restoring(self, threads: threads, isNew: false)
    for path in try StoredNames.refresh(in: layout) {
      restoring.report.did(path, "the names in it were brought into line with the folders")
    }
    try restoring.all(progress)
    return restoring.report
  }
}
