// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Crypto
import Foundation
public import Networks
import Tensors
public import VolumeDatabase

/// Models in a database: adding, opening and copying out their versions.
public enum ModelStore {
  /// Adds a version to the model of a name, which is made if there is none.
  ///
  /// - Parameters:
  ///   - parent: The version whose weights it began with.
  ///   - run: The run that made it.
  /// - Throws: The database's error; nothing is left of the version then.
  public static func add(
    _ description: ModelDescription, weights: Parameters, named name: String,
    parent: ModelVersionRecord? = nil, run: Int64? = nil, note: String? = nil,
    in database: VolumeDatabase
  ) throws -> ModelVersionRecord {
    let catalog = database.catalog
    let name = try ModelReference(name: name).name
    let known = try catalog.models().first { $0.name.lowercased() == name.lowercased() }
    let model = try known ?? catalog.addModel(name)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var draft = ModelVersionDraft(
      modelID: model.id, architecture: description.architecture,
      preprocessing: String(decoding: try encoder.encode(description.preprocessing), as: UTF8.self),
      classIDs: try description.classes.map { try catalog.classNamed($0).id },
      parameterCount: description.graph.learnedCount, stagingPath: "")
    draft.parentID = parent?.id
    draft.runID = run
    draft.note = note
    return try database.addModelVersion(draft) { folder in
      try description.write(weights, folder: folder)
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(ModelDescription.weightsName)"))
      return (SHA256.hash(data: data).hexadecimal, data.count)
    }
  }

  /// Opens a version: its description and all its numbers.
  ///
  /// - Throws: The database's error, ``CheckpointError``, also if the weights are not those that were stored,
  ///   or ``NetworkError`` if numbers are missing.
  public static func open(
    _ reference: ModelReference, in database: VolumeDatabase
  ) throws -> (record: ModelVersionRecord, description: ModelDescription, weights: Parameters) {
    let record = try database.modelVersion(reference)
    let folder = database.folder(of: record)
    let description = try ModelDescription(folder: folder)
    let path = "\(folder)/\(ModelDescription.weightsName)"
    let weights = try CheckpointFile.read(path)
    // What is predicted names this version: other weights under its name would be a lie, and a run that was
    // stopped would end in the work of two networks.
    if let hash = record.weightsHash, try VolumeDatabase.sha256(ofFile: path) != hash {
      throw CheckpointError.malformed(
        path: path,
        reason:
          "its SHA-256 is not the one that \(record.reference) was stored with; put the right file back, "
          + "or import this one as a model of its own with vemdb model import")
    }
    try description.graph.check(weights)
    return (record, description, weights)
  }

  /// Copies the weights of a version to a safetensors file, with its description in the metadata.
  ///
  /// - Throws: The database's error or ``CheckpointError/unwritable(path:reason:)``.
  public static func export(
    _ reference: ModelReference, to path: String, in database: VolumeDatabase
  ) throws {
    let (_, description, weights) = try open(reference, in: database)
    try Safetensors.write(
      weights, metadata: ["format": "pt", "model": String(decoding: description.json, as: UTF8.self)],
      to: path)
  }
}

extension Graph {
  /// How many numbers the optimiser changes.
  var learnedCount: Int {
    parameterSpecifications.filter { $0.role == .learned }
      .reduce(0) { $0 + $1.shape.reduce(1, *) }
  }
}
