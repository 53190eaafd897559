// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// What a verification found.
public struct VerificationReport: Hashable, Sendable {
  /// One thing that is not as it should be.
  public struct Problem: Hashable, Sendable {
    /// What is wrong.
    public enum Kind: String, CaseIterable, Sendable {
      /// A file that the manifest lists is not there.
      case missing
      /// A file ends too early, or its index cannot be read.
      case torn
      /// A file has other bytes than were written.
      case altered
      /// A file that no manifest lists.
      case foreign
      /// A shard is right, and the catalog lacks statistics or objects of it, or has those of another.
      case indexless = "index-less"
      /// A manifest, a `zarr.json`, `model.json` or `run.json` is missing, cannot be read, or says something
      /// else than the catalog.
      case description
      /// The catalog has a row whose files are gone.
      case lost
      /// There are files of which the catalog has no row.
      case unlisted
    }

    /// What is wrong.
    public let kind: Kind
    /// A reference, or a path under the database's folder.
    public let what: String
    /// The key of the shard.
    public let shard: String?
    /// The voxels of the shard, in voxels of scale level 0.
    public let box: Box?
    /// More about it, and what to do.
    public let detail: String
  }

  /// How many versions of volumes were looked at.
  public internal(set) var versions = 0
  /// How many versions of models were looked at.
  public internal(set) var models = 0
  /// How many shards their manifests list.
  public internal(set) var shards = 0
  /// How many shards were hashed; one that versions share counts once.
  public internal(set) var hashedShards = 0
  /// The bytes that were hashed.
  public internal(set) var hashedBytes = 0
  /// What is wrong, version by version.
  public internal(set) var problems: [Problem] = []

  /// Whether nothing is wrong.
  public var isGood: Bool { problems.isEmpty }

  mutating func add(
    _ kind: Problem.Kind, _ what: String, shard: String? = nil, box: Box? = nil, _ detail: String
  ) {
    problems.append(Problem(kind: kind, what: what, shard: shard, box: box, detail: detail))
  }
}

/// What is to be verified.
public struct VerificationScope: Hashable, Sendable {
  let dataset: String?
  let volume: VolumeReference?
  let number: Int?
  let model: ModelReference?

  /// Everything, and that catalog and files agree.
  public static let everything = VerificationScope(dataset: nil, volume: nil, number: nil, model: nil)

  /// What a reference names: a dataset, all versions of a volume, one version, or a model.
  ///
  /// - Throws: ``DatabaseError/badReference(_:expected:)`` for a run.
  public init(_ reference: AnyReference) throws(DatabaseError) {
    switch reference {
    case .dataset(let name): self.init(dataset: name, volume: nil, number: nil, model: nil)
    case .version(let version):
      self.init(dataset: nil, volume: version.volume, number: version.number, model: nil)
    case .model(let model): self.init(dataset: nil, volume: nil, number: nil, model: model)
    case .run(let run):
      throw .badReference("run:\(run.number)", expected: "a dataset, a volume, a version or a model")
    }
  }

  private init(dataset: String?, volume: VolumeReference?, number: Int?, model: ModelReference?) {
    self.dataset = dataset
    self.volume = volume
    self.number = number
    self.model = model
  }

  var isEverything: Bool { self == .everything }
}
