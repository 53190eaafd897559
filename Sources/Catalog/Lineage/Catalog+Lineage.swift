// SPDX-License-Identifier: Apache-2.0

internal import GRDB

extension Catalog {
  /// Everything that a version, model or run was made from, or all that was made from it.
  ///
  /// - Parameters:
  ///   - node: Where to begin; must be in the catalog.
  ///   - depth: How many edges to follow; all by default.
  public func lineage(
    of node: LineageGraph.Node, _ direction: LineageGraph.Direction = .ancestors, depth: Int = .max
  ) throws(CatalogError) -> LineageGraph {
    try read { database in
      var nodes = [node]
      var seen: Set = [node]
      var edges: [LineageGraph.Edge] = []
      var level = [node]
      var steps = 0
      while !level.isEmpty && steps < depth {
        var next: [LineageGraph.Node] = []
        for one in level {
          let found =
            switch direction {
            case .ancestors: try Catalog.parents(database, of: one)
            case .descendants: try Catalog.children(database, of: one)
            }
          for edge in found {
            edges.append(edge)
            let other = direction == .ancestors ? edge.parent : edge.child
            if seen.insert(other).inserted {
              nodes.append(other)
              next.append(other)
            }
          }
        }
        level = next
        steps += 1
      }
      return LineageGraph(nodes: nodes, edges: edges)
    }
  }

  private static func parents(
    _ database: Database, of node: LineageGraph.Node
  ) throws -> [LineageGraph.Edge] {
    switch node {
    case .version(let id):
      let version = try version(database, id)
      return [
        version.runID.map { .init(child: node, parent: .run($0), role: "made by") },
        version.parentID.map { .init(child: node, parent: .version($0), role: "parent") },
        version.imageID.map { .init(child: node, parent: .version($0), role: "image") },
      ].compactMap { $0 }
    case .modelVersion(let id):
      let model = try modelVersion(database, id)
      return [
        model.runID.map { .init(child: node, parent: .run($0), role: "made by") },
        model.parentID.map { .init(child: node, parent: .modelVersion($0), role: "parent") },
      ].compactMap { $0 }
    case .run(let id):
      _ = try run(database, id)
      return try inputs(database, id).map { input in
        switch input.source {
        case .version(let key): .init(child: node, parent: .version(key), role: input.role)
        case .modelVersion(let key): .init(child: node, parent: .modelVersion(key), role: input.role)
        }
      }
    }
  }

  private static func children(
    _ database: Database, of node: LineageGraph.Node
  ) throws -> [LineageGraph.Edge] {
    func edges(
      _ sql: String, _ id: Int64, _ make: (Int64) -> LineageGraph.Node
    ) throws -> [LineageGraph.Edge] {
      try Row.fetchAll(database, sql: sql, arguments: [id]).map { row in
        .init(child: make(row["id"]), parent: node, role: row["role"])
      }
    }
    switch node {
    case .version(let id):
      return try edges("SELECT id, 'parent' AS role FROM version WHERE parent_id = ? ORDER BY id", id) {
        .version($0)
      } + edges("SELECT id, 'image' AS role FROM version WHERE image_id = ? ORDER BY id", id) { .version($0) }
        + edges("SELECT run_id AS id, role FROM run_input WHERE version_id = ? ORDER BY run_id", id) {
          .run($0)
        }
    case .modelVersion(let id):
      return try edges("SELECT id, 'parent' AS role FROM model_version WHERE parent_id = ? ORDER BY id", id) {
        .modelVersion($0)
      }
        + edges("SELECT run_id AS id, role FROM run_input WHERE model_version_id = ? ORDER BY run_id", id) {
          .run($0)
        }
    case .run(let id):
      return try edges("SELECT id, 'made by' AS role FROM version WHERE run_id = ? ORDER BY id", id) {
        .version($0)
      }
        + edges("SELECT id, 'made by' AS role FROM model_version WHERE run_id = ? ORDER BY id", id) {
          .modelVersion($0)
        }
    }
  }
}
