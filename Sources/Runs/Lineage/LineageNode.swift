// SPDX-License-Identifier: Apache-2.0

public import Catalog

/// A version, a model or a run in a lineage, with what is worth knowing of it.
public struct LineageNode: Hashable, Identifiable, Sendable {
  /// A fact that is printed below a node.
  public struct Fact: Hashable, Sendable {
    /// As in `seed`.
    public let name: String
    /// As in `7`.
    public let value: String
  }

  /// The key within the catalog.
  public let key: LineageGraph.Node
  public var id: LineageGraph.Node { key }
  /// `dataset/volume@3`, `model:name@2` or `run:12`.
  public let reference: String
  /// `version`, `model` or `run`.
  public let type: String
  /// How far it has come: `committed`, `done` …
  public let state: String
  /// What it is, in a few words.
  public let summary: String
  /// What is worth knowing; of a run, all that repeats it.
  public let facts: [Fact]

  init(_ version: VersionRecord, classes: [VersionClass], sources: [SourceFileRecord]) {
    key = .version(version.id)
    reference = version.reference
    type = "version"
    state = version.state.rawValue
    let names = classes.map { one in one.className + (one.value.map { "=\($0)" } ?? "") }
    summary =
      "\(version.kind.rawValue)" + (names.isEmpty ? "" : " of " + names.joined(separator: ", "))
      + ", \(version.shape) \(version.dataType), \(version.voxelSize)"
    facts = Self.facts([
      ("hash", version.contentHash?.description), ("note", version.note),
      ("files", Self.summary(of: sources)),
    ])
  }

  init(_ model: ModelVersionRecord) {
    key = .modelVersion(model.id)
    reference = model.reference
    type = "model"
    state = model.state.rawValue
    summary =
      "\(model.architecture) for \(model.classes.joined(separator: ", ")), \(model.parameterCount) parameters"
    facts = Self.facts([
      ("weights sha256", model.weightsHash), ("preprocessing", Self.unlessEmpty(model.preprocessing)),
      ("note", model.note),
    ])
  }

  init(_ run: RunRecord) {
    key = .run(run.id)
    reference = run.reference
    type = "run"
    state = run.state.rawValue
    summary = run.kind.rawValue
    facts = Self.facts([
      ("started", run.startedAt.rawValue), ("program", "vemdb \(run.programVersion)"),
      ("seed", run.seed.map(String.init)), ("settings", Self.unlessEmpty(run.parameters)),
      ("host", "\(run.host), \(run.cpu)"), ("command", run.command), ("error", run.error),
    ])
  }

  private static func facts(_ facts: [(String, String?)]) -> [Fact] {
    facts.compactMap { name, value in value.map { Fact(name: name, value: $0) } }
  }

  private static func unlessEmpty(_ json: String) -> String? { json == "{}" ? nil : json }

  private static func summary(of sources: [SourceFileRecord]) -> String? {
    guard let first = sources.first, let last = sources.last else { return nil }
    if sources.count == 1 { return "\(first.path), sha256 \(first.sha256)" }
    return "\(sources.count) from \(first.path) to \(last.path)"
  }
}
