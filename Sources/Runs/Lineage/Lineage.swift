// SPDX-License-Identifier: Apache-2.0

public import Catalog
public import VolumeDatabase

/// Where something came from, or what came of it: versions, models and runs, and what each was to the
/// other.
public struct Lineage: Sendable {
  /// What things were made from, or what was made from them.
  public let direction: LineageGraph.Direction
  /// In the order they were reached; the first is what was asked about.
  public let nodes: [LineageNode]
  /// Every step, between keys of ``nodes``.
  public let edges: [LineageGraph.Edge]

  /// - Parameters:
  ///   - subject: A version, a model or a run; a volume or a model without a number is its latest one.
  ///   - direction: Which way to look.
  ///   - depth: How many steps to follow; all by default.
  /// - Throws: ``LineageError/noLineage(_:)`` for a dataset, or what the catalog says.
  public init(
    of subject: AnyReference, in database: VolumeDatabase,
    _ direction: LineageGraph.Direction = .ancestors, depth: Int = .max
  ) throws {
    let catalog = database.catalog
    let start: LineageGraph.Node =
      switch subject {
      case .dataset(let name): throw LineageError.noLineage(name)
      case .version(let reference): .version(try database.record(reference).id)
      case .model(let reference):
        .modelVersion(try catalog.modelVersion(reference.number, ofModel: reference.name).id)
      case .run(let reference): .run(try catalog.run(Int64(reference.number)).id)
      }
    let graph = try catalog.lineage(of: start, direction, depth: depth)
    self.direction = direction
    edges = graph.edges
    nodes = try graph.nodes.map { node in
      switch node {
      case .version(let id):
        LineageNode(
          try catalog.version(id), classes: try catalog.classes(ofVersion: id),
          sources: try catalog.sourceFiles(ofVersion: id))
      case .modelVersion(let id): LineageNode(try catalog.modelVersion(id))
      case .run(let id): LineageNode(try catalog.run(id))
      }
    }
  }
}

/// Why there is no lineage to show.
public enum LineageError: Error, Hashable, Sendable {
  /// Datasets are not made from anything.
  case noLineage(String)
}

extension LineageError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noLineage(let name):
      "\(name) is a dataset and was made from nothing: name a volume (\(name)/…), a model (model:…) or a run "
        + "(run:…)"
    }
  }
}
