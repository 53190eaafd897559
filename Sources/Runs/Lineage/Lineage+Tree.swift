// SPDX-License-Identifier: Apache-2.0

import Catalog

extension Lineage {
  /// The lineage as a nested list, a line each; what was listed before is only named again.
  ///
  /// ```text
  /// vnc/pred@1  prediction of mitochondrion=1, 20 × 1024 × 1024 uint8, 45,4.6,4.6nm
  /// └─ made by run:7  predict, done
  ///    │  seed: 1
  ///    ├─ model model:tuned@1  rsunet for mitochondrion, 1439705 parameters
  ///    └─ image vnc/em@1  image, 20 × 1024 × 1024 uint8, 45,4.6,4.6nm
  /// ```
  public var tree: [String] {
    var lines: [String] = []
    var listed: Set<LineageGraph.Node> = []
    if let first = nodes.first { list(first, role: nil, indent: "", isLast: true, &listed, &lines) }
    return lines
  }

  private func list(
    _ node: LineageNode, role: String?, indent: String, isLast: Bool, _ listed: inout Set<LineageGraph.Node>,
    _ lines: inout [String]
  ) {
    let branch = role.map { indent + (isLast ? "└─ " : "├─ ") + $0 + " " } ?? ""
    let below = role == nil ? "" : indent + (isLast ? "   " : "│  ")
    guard listed.insert(node.key).inserted else {
      lines.append("\(branch)\(node.reference)  (see above)")
      return
    }
    let state = node.state == "committed" ? "" : ", \(node.state)"
    lines.append("\(branch)\(node.reference)  \(node.summary)\(state)")
    let next = followers(of: node)
    for fact in node.facts {
      lines.append("\(below)\(next.isEmpty ? "   " : "│  ")\(fact.name): \(settingsText(fact.value))")
    }
    for (index, one) in next.enumerated() {
      list(
        one.node, role: one.role, indent: below, isLast: index == next.count - 1, &listed, &lines)
    }
  }

  /// What a node leads to, and by which role.
  private func followers(of node: LineageNode) -> [(role: String, node: LineageNode)] {
    edges.compactMap { edge in
      let (here, there) =
        direction == .ancestors ? (edge.child, edge.parent) : (edge.parent, edge.child)
      guard here == node.key, let other = nodes.first(where: { $0.key == there }) else { return nil }
      return (direction == .ancestors ? edge.role : Self.reversed(edge.role), other)
    }
  }

  /// A role as seen from what was used.
  private static func reversed(_ role: String) -> String {
    switch role {
    case "made by": "made"
    case "parent": "continued by"
    case "image": "image of"
    default: "\(role) of"
    }
  }
}
