// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import VolumeDatabase

extension OutputRecord {
  /// All that is known of a dataset.
  init(showing dataset: DatasetRecord, in catalog: Catalog) throws {
    self.init()
    add("name", .string(dataset.name))
    let facts = dataset.facts
    for (key, value) in [
      ("organism", facts.organism), ("tissue", facts.tissue), ("modality", facts.modality),
      ("instrument", facts.instrument), ("licence", facts.licence), ("citation", facts.citation),
      ("note", facts.note),
    ] {
      add(key, .optional(value))
    }
    add(
      "volumes",
      .list(
        try catalog.volumes(ofDataset: dataset.id).map { .string("\($0.reference) (\($0.kind.rawValue))") }))
    add("uuid", .string(dataset.uuid))
    add("created", .string(dataset.createdAt.rawValue))
  }

  /// All that is known of a volume, and of its latest version.
  init(showing volume: VolumeRecord, in database: VolumeDatabase) throws {
    let catalog = database.catalog
    self.init()
    add("volume", .string(volume.reference))
    if let note = volume.note { add("volume_note", .string(note)) }
    let versions = try catalog.versions(ofVolume: volume.id, states: Set(VersionState.allCases))
    add(
      "versions",
      .list(
        versions.map { version in
          .object(["number": .integer(version.number), "state": .string(version.state.rawValue)])
        }),
      text: versions.map { "\($0.number) (\($0.state.rawValue))" }.joined(separator: ", "))
    let splits = try catalog.splits(ofVolume: volume.id)
    add(
      "splits",
      .list(splits.map { .object(["part": .string($0.part.rawValue), "box": .box($0.box)]) }),
      text: splits.isEmpty ? "-" : splits.map { "\($0.part.rawValue) \($0.box)" }.joined(separator: "; "))
    let tags = try catalog.tags(ofVolume: volume.id).sorted { $0.key < $1.key }
    add(
      "tags",
      .list(
        tags.map { tag in
          let number = versions.first { $0.id == tag.value }?.number
          return .object(["tag": .string(tag.key), "number": .optional(number)])
        }), text: tags.isEmpty ? "-" : tags.map(\.key).joined(separator: ", "))
    guard let latest = try catalog.latestVersion(ofVolume: volume.id) else { return }
    let facts = try OutputRecord(showing: latest, in: database)
    for field in facts.fields { add(field.key, field.value, text: field.text) }
  }

  /// All that is known of a version.
  init(showing version: VersionRecord, in database: VolumeDatabase) throws {
    let catalog = database.catalog
    self.init()
    add("ref", .string(version.reference))
    add("kind", .string(version.kind.rawValue))
    add("state", .string(version.state.rawValue))
    add("parent", .optional(try version.parentID.map { try catalog.version($0).reference }))
    add("image", .optional(try version.imageID.map { try catalog.version($0).reference }))
    add("run", .optional(version.runID.map { "run:\($0)" }))
    add("shape", .sizes(version.shape.sizes), text: "\(version.shape)")
    add("dtype", .string(version.dataType.rawValue))
    add("voxel_size_nm", .lengths(version.voxelSize.nanometres), text: "\(version.voxelSize)")
    add("origin_nm", .lengths(version.origin))
    add("chunk", .sizes(version.chunk.sizes), text: "\(version.chunk)")
    add("shard", .sizes(version.shard.sizes), text: "\(version.shard)")
    add("levels", .integer(version.levels))
    let classes = try catalog.classes(ofVersion: version.id)
    let known = classes.isEmpty ? [] : try catalog.classes()
    add(
      "classes",
      .list(
        classes.map { one in
          .object([
            "value": one.value.map { .exact($0) } ?? .null, "name": .string(one.className),
            "mode": .string(one.mode.rawValue),
            "colour": .optional(known.first { $0.id == one.classID }?.colour),
          ])
        }),
      text: classes.isEmpty
        ? "-"
        : classes.map { $0.className + ($0.value.map { "=\($0)" } ?? " (\($0.mode.rawValue))") }
          .joined(separator: ", "))
    add(coverage: try catalog.coverage(ofVersion: version.id), classes)
    if let scale = version.valueScale { add("value_scale", .number(scale)) }
    if let range = version.displayRange {
      add("display_range", .lengths([range.lowerBound, range.upperBound]))
    }
    let stored = try catalog.storedBytes(ofVersion: version.id)
    add("shards", .integer(stored.shards))
    add(
      "logical_bytes", .integer(version.shape.count * version.dataType.byteCount),
      text: bytesText(version.shape.count * version.dataType.byteCount))
    add("stored_bytes", .integer(stored.bytes), text: bytesText(stored.bytes))
    add("own_bytes", .integer(stored.ownBytes), text: bytesText(stored.ownBytes))
    add("path", .string(version.path))
    add("hash", .optional(version.contentHash?.description))
    try add(sourcesOf: version, in: catalog)
    if let histogram = version.histogram {
      add(
        "histogram",
        .object([
          "minimum": .number(histogram.minimum), "bin_width": .number(histogram.binWidth),
          "counts": .sizes(histogram.counts),
        ]), text: "\(histogram.counts.count) bins from \(histogram.minimum) by \(histogram.binWidth)")
    }
    try add(scoresOf: version, in: catalog)
    add("note", .optional(version.note))
    add("uuid", .string(version.uuid))
    add("created", .string(version.createdAt.rawValue))
    add("committed", .optional(version.committedAt?.rawValue))
    if let retired = version.retiredAt { add("retired", .string(retired.rawValue)) }
  }

  private mutating func add(coverage: [CoverageBox], _ classes: [VersionClass]) {
    func name(_ one: CoverageBox) -> String? { classes.first { $0.classID == one.classID }?.className }
    add(
      "coverage",
      .list(coverage.map { .object(["box": .box($0.box), "class": .optional(name($0))]) }),
      text: coverage.isEmpty
        ? "-" : coverage.map { "\($0.box)" + (name($0).map { " (\($0))" } ?? "") }.joined(separator: "; "))
  }

  private mutating func add(sourcesOf version: VersionRecord, in catalog: Catalog) throws {
    let files = try catalog.sourceFiles(ofVersion: version.id)
    if files.isEmpty { return }
    add(
      "source_files",
      .list(
        files.map { file in
          .object([
            "path": .string(file.path), "bytes": .integer(file.byteCount), "sha256": .string(file.sha256),
          ])
        }), text: "\(files.count), \(bytesText(files.reduce(0) { $0 + $1.byteCount }))")
  }

  private mutating func add(scoresOf version: VersionRecord, in catalog: Catalog) throws {
    let scores = try catalog.evaluations(ofPrediction: version.id)
    if scores.isEmpty { return }
    let names = try catalog.classes()
    add(
      "scores",
      .list(
        try scores.map { score in
          .object([
            "truth": .string(try catalog.version(score.truthID).reference), "run": .integer(Int(score.runID)),
            "class": .optional(names.first { $0.id == score.classID }?.name),
            "metric": .string(score.metric), "value": .optional(score.value),
          ])
        }),
      text: scores.filter { ["dice", "iou_foreground"].contains($0.metric) }
        .map { score in "\(score.metric) \(score.value.map { "\($0)" } ?? "undefined") (run:\(score.runID))" }
        .joined(separator: ", "))
  }
}
