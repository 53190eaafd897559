// SPDX-License-Identifier: Apache-2.0

/// A network as a value: operations in an order in which each comes after what it takes.
///
/// ```swift
/// let graph = RSUNet.graph(widths: RSUNet.fastWidths)
/// let shapes = try graph.shapes(inputShape: [1, 1, 16, 96, 96])
/// ```
public struct Graph: Hashable, Sendable {
  /// One operation of a network.
  public struct Node: Hashable, Sendable {
    /// Unique in the graph; also the prefix of the node's parameters: `conv1.bn1`.
    public let name: String

    /// What it does.
    public let operation: Operation

    /// The names of the nodes whose results it takes.
    public let inputs: [String]

    /// A node.
    public init(_ name: String, _ operation: Operation, _ inputs: [String] = []) {
      self.name = name
      self.operation = operation
      self.inputs = inputs
    }
  }

  /// The operations in topological order; the first is the input.
  public let nodes: [Node]

  /// The name of the node whose result is the network's.
  public let output: String

  private let positions: [String: Int]

  /// By how much all pooling and striding may reduce an axis.
  private static let mostReduction = 4096

  /// A network of the given nodes.
  ///
  /// - Throws: ``NetworkError/invalidGraph(reason:)`` unless names are unique, the one input comes
  ///   first, every other node takes as many earlier nodes as its operation needs, and the output is
  ///   there; ``NetworkError/shapeMismatch(node:reason:)`` if an operation's settings make no sense.
  public init(_ nodes: [Node], output: String) throws(NetworkError) {
    var positions: [String: Int] = [:]
    var reduction = [1, 1, 1]
    for (position, node) in nodes.enumerated() {
      guard positions[node.name] == nil else {
        throw .invalidGraph(reason: "two nodes are called \"\(node.name)\"")
      }
      if case .input = node.operation, position > 0 {
        throw .invalidGraph(reason: "the input \"\(node.name)\" is not the first node")
      }
      guard node.inputs.count == node.operation.inputCount else {
        throw .invalidGraph(
          reason: "\"\(node.name)\" (\(node.operation.name)) takes \(node.operation.inputCount) "
            + "inputs, but names \(node.inputs.count)")
      }
      if let unknown = node.inputs.first(where: { positions[$0] == nil }) {
        throw .invalidGraph(reason: "\"\(node.name)\" takes \"\(unknown)\", which does not come before it")
      }
      if let reason = node.operation.faultInSettings {
        throw .shapeMismatch(node: node.name, reason: reason)
      }
      reduction = zip(reduction, node.operation.reduction).map { min($0, Self.mostReduction + 1) * $1 }
      if reduction.contains(where: { $0 > Self.mostReduction }) {
        throw .shapeMismatch(
          node: node.name, reason: "the network would be reduced more than \(Self.mostReduction) times there")
      }
      positions[node.name] = position
    }
    guard case .input? = nodes.first?.operation else {
      throw .invalidGraph(reason: "the first node is not the input")
    }
    guard positions[output] != nil else {
      throw .invalidGraph(reason: "the output \"\(output)\" is not a node")
    }
    self.nodes = nodes
    self.output = output
    self.positions = positions
  }

  /// The node of a name.
  public subscript(name: String) -> Node? { positions[name].map { nodes[$0] } }

  /// Where the node of a name stands.
  ///
  /// - Precondition: The graph has it.
  func position(of name: String) -> Int {
    guard let position = positions[name] else { preconditionFailure("the graph has a node \(name)") }
    return position
  }
}

extension Graph: Codable {
  private enum CodingKeys: String, CodingKey { case nodes, output }

  /// Reads and checks a graph.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      try keys.decode([Node].self, forKey: .nodes), output: try keys.decode(String.self, forKey: .output))
  }

  /// Writes nodes and output.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(nodes, forKey: .nodes)
    try keys.encode(output, forKey: .output)
  }
}

extension Graph.Node: Codable {
  private enum CodingKeys: String, CodingKey { case name, operation, inputs }

  /// Reads a node; its operation stands among the same keys.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    name = try keys.decode(String.self, forKey: .name)
    inputs = try keys.decodeIfPresent([String].self, forKey: .inputs) ?? []
    let word = try keys.decode(String.self, forKey: .operation)
    guard Operation.storedNames.contains(word) else {
      throw NetworkError.invalidGraph(
        reason: "\"\(name)\" asks for an operation \"\(word)\", but there are only "
          + Operation.storedNames.joined(separator: ", "))
    }
    operation = try Operation(from: decoder)
  }

  /// Writes name, operation, its settings and inputs.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(name, forKey: .name)
    try keys.encode(inputs, forKey: .inputs)
    try operation.encode(to: encoder)
  }
}
