// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import VolumeDatabase

extension OutputRecord {
  /// A dataset among others.
  init(listing dataset: DatasetRecord, in catalog: Catalog) throws {
    self.init()
    add("name", .string(dataset.name))
    add("organism", .optional(dataset.facts.organism))
    add("tissue", .optional(dataset.facts.tissue))
    add("modality", .optional(dataset.facts.modality))
    add("licence", .optional(dataset.facts.licence))
    add("volumes", .integer(try catalog.volumes(ofDataset: dataset.id).count))
  }

  /// A volume among others.
  init(listing volume: VolumeRecord, latest: VersionRecord?) {
    self.init()
    add("ref", .string(volume.reference))
    add("kind", .string(volume.kind.rawValue))
    add("latest", .optional(latest?.number))
    add("shape", latest.map { .sizes($0.shape.sizes) } ?? .null, text: latest.map { "\($0.shape)" })
    add("dtype", .optional(latest?.dataType.rawValue))
    add(
      "voxel_size_nm", latest.map { .lengths($0.voxelSize.nanometres) } ?? .null,
      text: latest.map { "\($0.voxelSize)" })
  }

  /// A version among others.
  init(listing version: VersionRecord, in catalog: Catalog) throws {
    let stored = try catalog.storedBytes(ofVersion: version.id)
    let classes = try catalog.classes(ofVersion: version.id)
    self.init()
    add("ref", .string(version.reference))
    add("kind", .string(version.kind.rawValue))
    add("state", .string(version.state.rawValue))
    add("shape", .sizes(version.shape.sizes), text: "\(version.shape)")
    add("dtype", .string(version.dataType.rawValue))
    add(
      "classes",
      .list(
        classes.map(\.className).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }.map {
          .string($0)
        }),
      text: classes.isEmpty ? "-" : nil)
    add("stored_bytes", .integer(stored.bytes), text: bytesText(stored.bytes))
    add("run", .optional(version.runID.map { "run:\($0)" }))
    add("committed", .optional(version.committedAt?.rawValue))
  }

  /// A class among others.
  init(listing one: ClassRecord) {
    self.init()
    add("name", .string(one.name))
    add("synonyms", .list(one.synonyms.map { .string($0) }), text: one.synonyms.isEmpty ? "-" : nil)
    add("term", .optional(one.term))
    add("colour", .optional(one.colour))
  }

  /// A version of a model among others.
  init(listing model: ModelVersionRecord) {
    self.init()
    add("ref", .string(model.reference))
    add("state", .string(model.state.rawValue))
    add("architecture", .string(model.architecture))
    add("classes", .list(model.classes.map { .string($0) }))
    add("parameters", .integer(model.parameterCount))
    add("run", .optional(model.runID.map { "run:\($0)" }))
    add("committed", .optional(model.committedAt?.rawValue))
  }

  /// A run among others.
  init(listing run: RunRecord, in database: VolumeDatabase) {
    self.init()
    add("ref", .string(run.reference))
    add("kind", .string(run.kind.rawValue))
    add("state", .string(run.liveState(in: database)))
    add("started", .string(run.startedAt.rawValue))
    add("seconds", .optional((run.endedAt ?? run.heartbeatAt).seconds(since: run.startedAt)))
    add("done", .integer(run.progressDone))
    add("total", .optional(run.progressTotal))
    add("error", .optional(run.error))
  }

  /// A score among others.
  init(listing score: EvaluationRecord, in catalog: Catalog) throws {
    self.init()
    add("prediction", .string(try catalog.version(score.predictionID).reference))
    add("truth", .string(try catalog.version(score.truthID).reference))
    add("run", .string("run:\(score.runID)"))
    add("region", .box(score.region), text: "\(score.region)")
    add("part", .optional(score.part?.rawValue))
    let name = try score.classID.flatMap { id in try catalog.classes().first { $0.id == id }?.name }
    add("class", .optional(name))
    add("metric", .string(score.metric))
    add("value", .optional(score.value))
    add("reason", .optional(score.reason))
  }
}
