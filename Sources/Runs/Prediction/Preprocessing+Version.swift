// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Networks
import VolumeDatabase

extension Preprocessing {
  /// The grid on which the network sees a stored image: without the slices that it lacks.
  func grid(for image: StoredVersion) -> WorkingGrid {
    grid(
      for: image.record.shape, voxelSize: image.record.voxelSize,
      covered: image.coverage.map { $0.box.range(0) })
  }
}
