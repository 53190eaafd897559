// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Synchronization
import Zarr

extension VersionWriter {
  /// Writes the `zarr.json` of the version's group: `ome` for every reader, and `vemdb` with all that
  /// never changes, so that the catalog can be rebuilt from it.
  func writeGroup(
    coverage: [CoverageBox], hash: Hash128, histogram: HistogramAccumulator
  ) throws(DatabaseError) {
    // Names may have changed before the version was reserved, and cannot since.
    let (parent, image) = try inCatalog { () throws(CatalogError) in
      (
        try self.parent.map { (one) throws(CatalogError) in try database.catalog.version(one.record.id) },
        try self.image.map { (one) throws(CatalogError) in try database.catalog.version(one.id) }
      )
    }
    let plan = LevelPlan(steps: levels.map(\.step))
    let multiscale = MultiscaleMetadata(
      name: record.reference, voxelSize: specification.voxelSize, origin: specification.origin,
      factors: levels.indices.map { plan.factors(of: $0) })
    let group = GroupMetadata(attributes: [
      "ome": multiscale.ome(imageLabel: imageLabel(of: image)),
      "vemdb": .object(
        try facts(parent: parent, image: image, coverage: coverage, hash: hash, histogram: histogram)),
    ])
    try FileSystem.write(
      Array(group.json.text().utf8), to: "\(folder)/zarr.json", mode: FileSystem.readOnlyMode)
  }

  /// What makes labels and predictions label images: colours, names, and where their image lies.
  private func imageLabel(of image: VersionRecord?) -> ImageLabelMetadata? {
    guard specification.isLabel else { return nil }
    let place = image.map {
      DatabaseLayout.path(ofVersion: $0.number, of: $0.volume, in: $0.dataset, from: record.dataset)
    }
    var label = ImageLabelMetadata(sourceImage: place)
    for (number, known) in classes.enumerated() {
      guard let value = known.assignment.value else { continue }
      label.properties.append(["label-value": JSONValue(value), "class": .string(known.record.name)])
      if value != 0 {
        let color = known.record.colour.flatMap(OkabeIto.rgb) ?? OkabeIto.cycle[number % OkabeIto.cycle.count]
        label.colors.append(.init(value: value, rgba: color + [255]))
      }
    }
    return label
  }

  private func facts(
    parent: VersionRecord?, image: VersionRecord?, coverage: [CoverageBox], hash: Hash128,
    histogram: HistogramAccumulator
  ) throws(DatabaseError) -> JSONObject {
    let (volume, dataset, run) = try inCatalog { () throws(CatalogError) in
      (
        try database.catalog.volume(record.volumeID), try database.catalog.dataset(named: record.dataset),
        try specification.runID.map { (id) throws(CatalogError) in try database.catalog.run(id) }
      )
    }
    var facts: JSONObject = [
      "format": .integer(VolumeDatabase.format), "kind": .string(specification.kind.rawValue),
      "uuid": .string(record.uuid),
      "dataset": ["name": .string(dataset.name), "uuid": .string(dataset.uuid)],
      "volume": ["name": .string(volume.name), "uuid": .string(volume.uuid)],
      "version": .integer(record.number), "created_at": .string(record.createdAt.rawValue),
      "voxel_size_nm": JSONValue(specification.voxelSize.nanometres),
      "origin_nm": JSONValue(specification.origin), "content_hash": .string("\(hash)"),
    ]
    if let parent { facts["parent"] = Self.reference(parent) }
    if let image { facts["image"] = Self.reference(image) }
    if let run { facts["run"] = ["number": JSONValue(run.id), "uuid": .string(run.uuid)] }
    facts["value_scale"] = specification.valueScale.map(JSONValue.number)
    facts["note"] = specification.note.map(JSONValue.string)
    facts["classes"] = .array(classes.map(Self.json))
    facts["coverage"] = .array(coverage.map(json))
    facts["source_files"] = .array(
      specification.sourceFiles.map {
        ["path": .string($0.path), "bytes": .integer($0.byteCount), "sha256": .string($0.sha256)]
      })
    if purpose.makesHistogram, let values = histogram.histogram {
      facts["histogram"] = [
        "minimum": JSONValue(shortest: values.minimum), "bin_width": JSONValue(shortest: values.binWidth),
        "counts": JSONValue(values.counts),
      ]
      facts["display_range"] = histogram.displayRange.map { JSONValue([$0.lowerBound, $0.upperBound]) }
    }
    return facts
  }

  private static func reference(_ version: VersionRecord) -> JSONValue {
    ["ref": .string(version.reference), "uuid": .string(version.uuid)]
  }

  private static func json(_ known: (record: ClassRecord, assignment: ClassAssignment)) -> JSONValue {
    var entry: JSONObject = [
      "name": .string(known.record.name), "uuid": .string(known.record.uuid),
      "mode": .string(known.assignment.mode.rawValue),
    ]
    entry["value"] = known.assignment.value.map { JSONValue($0) }
    return .object(entry)
  }

  private func json(_ one: CoverageBox) -> JSONValue {
    var entry: JSONObject = ["box": one.box.json]
    entry["class"] = classes.first { $0.record.id == one.classID }.map { .string($0.record.name) }
    entry["run"] = one.runID.map { JSONValue($0) }
    return .object(entry)
  }
}
