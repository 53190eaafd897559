// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Zarr

/// What the files of a version say of it: all that the catalog knows, and how the arrays are.
///
/// Of a version whose files are gone the same stands in its volume's group.
struct VersionFacts: Hashable, Sendable {
  /// The attribute `vemdb` of the version's group.
  let json: JSONObject
  let dataType: DataType
  let shape: Extent
  let chunk: Extent
  let shard: Extent
  let levels: Int

  /// Reads a version's folder.
  ///
  /// - Throws: ``DatabaseError/zarr(_:folder:)`` or ``DatabaseError/badFacts(path:reason:)``.
  init(folder: String) throws(DatabaseError) {
    let store = LocalStore(path: folder)
    let (attributes, multiscale, array) = try inZarr(folder) { () throws(ZarrError) in
      let group = try GroupMetadata(opening: "", in: store)
      return (
        group.attributes, try MultiscaleMetadata(attributes: group.attributes, key: "zarr.json"),
        try ZarrArray(opening: "0", in: store)
      )
    }
    guard let json = attributes["vemdb"]?.object, let multiscale else {
      throw .badFacts(path: "\(folder)/zarr.json", reason: "it is no version that vemdb wrote")
    }
    self.json = json
    dataType = array.dataType
    shape = array.shape
    chunk = array.innerGrid.chunk
    shard = array.grid.chunk
    levels = multiscale.levels.count
    try check(place: "\(folder)/zarr.json")
  }

  /// Reads what a group says of a version whose files are gone.
  init(tombstone json: JSONObject, place: String) throws(DatabaseError) {
    self.json = json
    func extent(_ name: String) throws(DatabaseError) -> Extent {
      let sizes = (json[name]?.array ?? []).compactMap(\.int)
      guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 }), Extent.checkedCount(of: sizes) != nil else {
        throw .badFacts(path: place, reason: "the \(name) of a version is missing")
      }
      return Extent(sizes)
    }
    guard let type = json["data_type"]?.string.flatMap(DataType.init(rawValue:)) else {
      throw .badFacts(path: place, reason: "the type of a version is missing")
    }
    dataType = type
    shape = try extent("shape")
    chunk = try extent("chunk")
    shard = try extent("shard")
    levels = json["levels"]?.int ?? 1
    try check(place: place)
  }

  private func check(place: String) throws(DatabaseError) {
    guard uuid.utf8.count == 36, number >= 1, contentHash != nil, voxelSize != nil, shape.rank == 3 else {
      throw .badFacts(path: place, reason: "the UUID, number, hash or voxel size of a version is missing")
    }
  }

  /// What a group keeps of a version whose files are gone.
  var tombstone: JSONValue {
    var entry = json
    entry["data_type"] = .string(dataType.rawValue)
    entry["shape"] = JSONValue(shape.sizes)
    entry["chunk"] = JSONValue(chunk.sizes)
    entry["shard"] = JSONValue(shard.sizes)
    entry["levels"] = .integer(levels)
    return .object(entry)
  }

  var uuid: String { json["uuid"]?.string ?? "" }
  var number: Int { json["version"]?.int ?? 0 }
  var kind: VolumeKind? { json["kind"]?.string.flatMap(VolumeKind.init(rawValue:)) }
  var createdAt: Timestamp { Timestamp(rawValue: json["created_at"]?.string ?? "") }
  var parentUUID: String? { json["parent"]?["uuid"]?.string }
  var imageUUID: String? { json["image"]?["uuid"]?.string }
  var runUUID: String? { json["run"]?["uuid"]?.string }
  var valueScale: Double? { json["value_scale"]?.double }
  var note: String? { json["note"]?.string }
  var contentHash: Hash128? { json["content_hash"]?.string.flatMap(Hash128.init(hexadecimal:)) }

  var voxelSize: VoxelSize? {
    let sizes = (json["voxel_size_nm"]?.array ?? []).compactMap(\.double)
    guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    return VoxelSize(z: sizes[0], y: sizes[1], x: sizes[2])
  }

  var origin: [Double] {
    let origin = (json["origin_nm"]?.array ?? []).compactMap(\.double)
    return origin.count == 3 ? origin : [0, 0, 0]
  }

  var histogram: ValueHistogram? {
    guard let histogram = json["histogram"], let minimum = histogram["minimum"]?.double,
      let width = histogram["bin_width"]?.double, let counts = histogram["counts"]?.array
    else { return nil }
    return ValueHistogram(minimum: minimum, binWidth: width, counts: counts.compactMap(\.int))
  }

  var displayRange: ClosedRange<Double>? {
    let bounds = (json["display_range"]?.array ?? []).compactMap(\.double)
    return bounds.count == 2 && bounds[0] <= bounds[1] ? bounds[0]...bounds[1] : nil
  }

  var sourceFiles: [SourceFileRecord] {
    (json["source_files"]?.array ?? []).compactMap { file in
      guard let path = file["path"]?.string, let bytes = file["bytes"]?.int, let hash = file["sha256"]?.string
      else { return nil }
      return SourceFileRecord(path: path, byteCount: bytes, sha256: hash)
    }
  }
}

extension Box {
  /// Reads `[[z, y, x], [z, y, x]]`; `nil` unless it is a box with voxels.
  init?(json: JSONValue?) {
    let bounds = (json?.array ?? []).map { ($0.array ?? []).compactMap(\.int) }
    guard bounds.count == 2, bounds.allSatisfy({ $0.count == 3 }),
      (0..<3).allSatisfy({ 0 <= bounds[0][$0] && bounds[0][$0] < bounds[1][$0] })
    else { return nil }
    self.init(lower: bounds[0], upper: bounds[1])
  }
}

extension VolumeDatabase {
  /// What the group of a volume keeps of a version whose files are gone or about to go.
  func tombstone(of version: VersionRecord, old: JSONObject) -> JSONValue? {
    if let facts = try? VersionFacts(folder: layout.path(version.path)) { return facts.tombstone }
    return old["freed"]?.array?.first { $0["uuid"]?.string == version.uuid }
  }
}
