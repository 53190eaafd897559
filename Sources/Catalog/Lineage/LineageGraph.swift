// SPDX-License-Identifier: Apache-2.0

/// What was made from what.
public struct LineageGraph: Hashable, Sendable {
  /// A version of a volume, a version of a model, or a run, by its key.
  public enum Node: Hashable, Sendable {
    case version(Int64)
    case modelVersion(Int64)
    case run(Int64)
  }

  /// One step from what was made to what it was made from.
  public struct Edge: Hashable, Sendable {
    /// What was made, or the run that read.
    public let child: Node
    /// What made it, or what was read.
    public let parent: Node
    /// What the parent is to the child: `made by`, `parent`, `image`, `labels`, `model` …
    public let role: String
  }

  /// Which way to follow edges.
  public enum Direction: Hashable, Sendable {
    /// To what things were made from.
    case ancestors
    /// To what was made from things.
    case descendants
  }

  /// In the order they were reached; the first is where the search began.
  public let nodes: [Node]
  /// In the order they were found.
  public let edges: [Edge]
}
