// SPDX-License-Identifier: Apache-2.0

internal import Arrays
internal import Foundation
internal import GRDB

extension VersionRecord {
  static let columns = """
    SELECT v.*, o.name AS volume, o.kind, d.name AS dataset
    FROM version v JOIN volume o ON o.id = v.volume_id JOIN dataset d ON d.id = o.dataset_id
    """

  init(row: Row) throws {
    let sizes: [Double] = [row["voxel_z_nm"], row["voxel_y_nm"], row["voxel_x_nm"]]
    guard sizes.allSatisfy({ $0 > 0 && $0.isFinite }) else { throw UnreadableColumn(column: "voxel_z_nm") }
    id = row["id"]
    uuid = row["uuid"]
    volumeID = row["volume_id"]
    dataset = row["dataset"]
    volume = row["volume"]
    kind = try row.word("kind")
    number = row["number"]
    state = try row.word("state")
    parentID = row["parent_id"]
    imageID = row["image_id"]
    runID = row["run_id"]
    dataType = try row.word("data_type")
    shape = try row.extent("shape")
    voxelSize = VoxelSize(z: sizes[0], y: sizes[1], x: sizes[2])
    origin = [row["origin_z_nm"], row["origin_y_nm"], row["origin_x_nm"]]
    chunk = try row.extent("chunk")
    shard = try row.extent("shard")
    levels = row["levels"]
    valueScale = row["value_scale"]
    path = row["path"]
    stagingPath = row["staging_path"]
    contentHash = try row.hash128("content_hash")
    histogram = try (row["histogram"] as String?).map { text in
      guard let known = try? JSONDecoder().decode(ValueHistogram.self, from: Data(text.utf8)) else {
        throw UnreadableColumn(column: "histogram")
      }
      return known
    }
    if let low = row["display_minimum"] as Double?, let high = row["display_maximum"] as Double?, low <= high
    {
      displayRange = low...high
    } else {
      displayRange = nil
    }
    note = row["note"]
    createdAt = Timestamp(rawValue: row["created_at"])
    committedAt = row.time("committed_at")
    retiredAt = row.time("retired_at")
    freedAt = row.time("freed_at")
  }
}
