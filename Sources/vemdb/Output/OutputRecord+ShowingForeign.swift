// SPDX-License-Identifier: Apache-2.0

import Arrays
import Runs

extension OutputRecord {
  /// What is known of a Zarr volume of another program.
  init(showing facts: ForeignVolumeFacts) {
    func shape(_ extent: Extent) -> OutputValue { .list(extent.sizes.map { .integer($0) }) }
    func size(_ size: VoxelSize?) -> OutputValue {
      size.map { .lengths($0.nanometres) } ?? .null
    }
    let finest = facts.levels[0]
    self.init()
    add("place", .string(facts.place))
    add("format", .string(facts.format))
    add("axes", .list(facts.axes.map { .string($0) }))
    add("array_shape", shape(facts.arrayShape), text: "\(facts.arrayShape)")
    add("dtype", .string(facts.dataType.rawValue))
    add("shape", shape(finest.shape), text: "\(finest.shape)")
    add("voxel_size_nm", size(finest.voxelSize), text: finest.voxelSize.map { "\($0)" })
    add("origin_nm", .lengths(facts.origin))
    add("chunk", shape(facts.chunk), text: "\(facts.chunk)")
    add(
      "levels",
      .list(
        facts.levels.map { level in
          .object(["shape": shape(level.shape), "voxel_size_nm": size(level.voxelSize)])
        }),
      text: facts.levels.map { "\($0.shape)" }.joined(separator: "; "))
  }
}
