// SPDX-License-Identifier: Apache-2.0

import Catalog
import Runs
import VolumeDatabase

extension OutputRecord {
  /// All that is known of a version of a model.
  init(showing model: ModelVersionRecord, in catalog: Catalog) throws {
    self.init()
    add("ref", .string(model.reference))
    add("state", .string(model.state.rawValue))
    add("architecture", .string(model.architecture))
    add("classes", .list(model.classes.map { .string($0) }))
    add("parameters", .integer(model.parameterCount))
    add("parent", .optional(try model.parentID.map { try catalog.modelVersion($0).reference }))
    add("run", .optional(model.runID.map { "run:\($0)" }))
    add(
      "preprocessing", OutputValue(storedJSON: model.preprocessing), text: settingsText(model.preprocessing))
    add("path", .string(model.path))
    add("weights_hash", .optional(model.weightsHash))
    add("weights_bytes", .optional(model.byteCount), text: model.byteCount.map(bytesText) ?? "-")
    add("note", .optional(model.note))
    add("uuid", .string(model.uuid))
    add("created", .string(model.createdAt.rawValue))
    add("committed", .optional(model.committedAt?.rawValue))
  }

  /// All that is known of a run.
  init(showing run: RunRecord, in database: VolumeDatabase) throws {
    let catalog = database.catalog
    self.init()
    add("ref", .string(run.reference))
    add("kind", .string(run.kind.rawValue))
    add("state", .string(run.liveState(in: database)))
    add(
      "progress",
      .object(["done": .integer(run.progressDone), "total": .optional(run.progressTotal)]),
      text: "\(run.progressDone)" + (run.progressTotal.map { " of \($0)" } ?? ""))
    add("parameters", OutputValue(storedJSON: run.parameters), text: settingsText(run.parameters))
    add("seed", run.seed.map { .exact($0) } ?? .null)
    let inputs = try catalog.inputs(ofRun: run.id).map { input in
      let reference =
        switch input.source {
        case .version(let id): try catalog.version(id).reference
        case .modelVersion(let id): try catalog.modelVersion(id).reference
        }
      return (role: input.role, reference: reference)
    }
    let outputs =
      try catalog.versions(madeByRun: run.id).map { (role: $0.kind.rawValue, reference: $0.reference) }
      + catalog.modelVersions(madeByRun: run.id).map { (role: "model", reference: $0.reference) }
    for (key, ends) in [("inputs", inputs), ("outputs", outputs)] {
      add(
        key,
        .list(ends.map { .object(["role": .string($0.role), "ref": .string($0.reference)]) }),
        text: ends.isEmpty ? "-" : ends.map { "\($0.role) \($0.reference)" }.joined(separator: ", "))
    }
    add("program", .string(run.programVersion))
    add("host", .string(run.host))
    add("cpu", .string(run.cpu))
    add("command", .optional(run.command))
    add("started", .string(run.startedAt.rawValue))
    add("heartbeat_at", .string(run.heartbeatAt.rawValue))
    add("ended", .optional(run.endedAt?.rawValue))
    let last = Dictionary(grouping: try catalog.metrics(ofRun: run.id), by: \.name)
      .compactMap { $0.value.last }.sorted { $0.name < $1.name }
    if !last.isEmpty {
      add(
        "metrics",
        .list(
          last.map { point in
            .object(["name": .string(point.name), "step": .integer(point.step), "last": .number(point.value)])
          }), text: last.map { "\($0.name) \($0.value)" }.joined(separator: ", "))
    }
    add("warnings", .list(run.warnings.map { .string($0) }), text: run.warnings.isEmpty ? "-" : nil)
    add("error", .optional(run.error))
    add("uuid", .string(run.uuid))
  }
}
