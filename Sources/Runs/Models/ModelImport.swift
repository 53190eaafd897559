// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog
import Foundation
public import Networks
import Tensors
public import VolumeDatabase

/// `vemdb model import`: makes a model of a file of weights.
public enum ModelImport {
  /// What a network finds of which nobody said what it finds.
  public static let unnamedClass = "foreground"

  /// What a person asks for.
  public struct Request: Codable, Hashable, Sendable {
    /// A `.pth`, `.pt` or `.safetensors` file.
    public var file: String
    /// The kind of network, or a file `*.json` that describes one.
    public var architecture = "rsunet"
    /// The model that gets a version.
    public var model: String
    /// What the network finds, one class a logit; none means ``ModelImport/unnamedClass``.
    public var classes: [String]
    /// At what voxel size it was trained; `nil` takes every image at its own.
    public var voxelSize: VoxelSize?
    /// The patches it was trained on; 18×160×160, or 1×256×256 of single slices, by default.
    public var patch: [Int]?

    /// A request.
    public init(file: String, model: String, classes: [String], voxelSize: VoxelSize?) {
      self.file = file
      self.model = model
      self.classes = classes
      self.voxelSize = voxelSize
    }
  }

  /// Reads the file, loads what matches and commits a version.
  ///
  /// The network's widths are taken from the file's first convolutions where they are there, else they
  /// are the published ones.
  ///
  /// - Parameter seed: For what the file lacks.
  /// - Returns: The version, and what was loaded and what was not.
  /// - Throws: ``CheckpointError`` if the file cannot be read, names code, or matches nothing;
  ///   ``TrainingRunError/unknownWord(_:of:known:)``; the catalog's error for an unknown class.
  public static func perform(
    _ request: Request, seed: UInt64 = 0, in database: VolumeDatabase
  ) throws -> (version: ModelVersionRecord, report: LoadReport) {
    let written =
      ModelDescription.isFile(request.architecture) ? try ModelDescription(file: request.architecture) : nil
    let known = try written == nil ? Architecture(named: request.architecture) : nil
    let asked = request.classes.isEmpty ? written?.classes ?? [unnamedClass] : request.classes
    let classes = try asked.map { try database.catalog.classNamed($0).name }
    let found = try CheckpointFile.read(request.file)
    let graph =
      try known.map { try $0.graph(widths: $0.widths(in: found), outputChannels: classes.count) }
      ?? written?.graph.withOutputs(classes.count)
    guard let graph else { preconditionFailure("an architecture is known or written") }
    var weights = graph.initialParameters(seed: seed)
    let report = try weights.load(found, from: request.file)
    var preprocessing = written?.preprocessing ?? Preprocessing(voxelSize: nil)
    preprocessing.voxelSize = request.voxelSize ?? preprocessing.voxelSize
    let description = ModelDescription(
      architecture: written?.architecture ?? request.architecture, graph: graph,
      preprocessing: preprocessing, classes: classes, threshold: written?.threshold ?? 0.5,
      patch: request.patch ?? written?.patch
        ?? (graph.seesSingleSlices ? WorkingVoxelSize.slicePatch : [18, 160, 160]),
      training: [
        "imported_from": URL(fileURLWithPath: request.file).lastPathComponent,
        "loaded_tensors": "\(report.loaded.count)", "program": ProgramVersion.line,
      ])
    let run = try RunDescription(.import, settings: request, seed: seed)
    return try ActiveRun.perform(run, in: database.catalog, folder: database.layout.runs) { run in
      if !report.isComplete { try run.warn("\(report)") }
      let version = try ModelStore.add(
        description, weights: weights, named: request.model, run: run.id,
        note: report.isComplete ? nil : "\(report)", in: database)
      return (version, report)
    }
  }
}
