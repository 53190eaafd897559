// SPDX-License-Identifier: Apache-2.0

/// What a run does, in one lower-case word.
public struct RunKind: RawRepresentable, Hashable, Codable, Sendable {
  /// As in `train`.
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let ingest = RunKind(rawValue: "ingest")
  public static let train = RunKind(rawValue: "train")
  public static let finetune = RunKind(rawValue: "finetune")
  public static let predict = RunKind(rawValue: "predict")
  public static let evaluate = RunKind(rawValue: "evaluate")
  /// Of a model from a file.
  public static let `import` = RunKind(rawValue: "import")
  /// Of metadata or voxels, into a new version.
  public static let edit = RunKind(rawValue: "edit")
}

/// How far a run has come.
public enum RunState: String, CaseIterable, Codable, Sendable {
  /// Begun, and not known to have ended; see ``RunRecord/isLost(at:)``.
  case running
  /// Ended as it should.
  case done
  /// Ended by an error.
  case failed
  /// Ended by a person; can be resumed.
  case stopped
}

/// What must be known of a run when it begins.
public struct RunDraft: Hashable, Sendable {
  /// What it does.
  public var kind: RunKind
  /// The command line that began it.
  public var command: String?
  /// Its settings, as a JSON object.
  public var parameters: String
  /// What everything random in it derives from.
  public var seed: UInt64?
  /// The version of this program.
  public var programVersion: String
  /// The name of the machine.
  public var host: String
  /// The model of the CPU.
  public var cpu: String
  /// The process on that machine.
  public var processID: Int?
  /// That of a run that is being restored; a new one by default.
  public var uuid: String?

  public init(
    kind: RunKind, command: String? = nil, parameters: String = "{}", seed: UInt64? = nil,
    programVersion: String, host: String, cpu: String, processID: Int? = nil
  ) {
    self.kind = kind
    self.command = command
    self.parameters = parameters
    self.seed = seed
    self.programVersion = programVersion
    self.host = host
    self.cpu = cpu
    self.processID = processID
  }
}

/// One piece of work: what was done with which settings, by which program, where and when.
public struct RunRecord: Hashable, Sendable {
  /// The key within this catalog, and the number that people see; never given twice.
  public let id: Int64
  /// The name that holds everywhere.
  public let uuid: String
  /// What it does.
  public let kind: RunKind
  /// How far it has come.
  public let state: RunState
  /// The command line that began it.
  public let command: String?
  /// Its settings, as a JSON object.
  public let parameters: String
  /// What everything random in it derives from.
  public let seed: UInt64?
  /// The version of this program.
  public let programVersion: String
  /// The name of the machine.
  public let host: String
  /// The model of the CPU.
  public let cpu: String
  /// The process on that machine.
  public let processID: Int?
  /// When it began.
  public let startedAt: Timestamp
  /// When it last showed life.
  public let heartbeatAt: Timestamp
  /// When it ended.
  public let endedAt: Timestamp?
  /// Units of work done: steps, shards, slices.
  public let progressDone: Int
  /// Units of work in all, if they are known.
  public let progressTotal: Int?
  /// Why it failed.
  public let error: String?
  /// What people should know.
  public let warnings: [String]

  public init(
    id: Int64, uuid: String, kind: RunKind, state: RunState, command: String?, parameters: String,
    seed: UInt64?, programVersion: String, host: String, cpu: String, processID: Int?, startedAt: Timestamp,
    heartbeatAt: Timestamp, endedAt: Timestamp?, progressDone: Int, progressTotal: Int?, error: String?,
    warnings: [String]
  ) {
    self.id = id
    self.uuid = uuid
    self.kind = kind
    self.state = state
    self.command = command
    self.parameters = parameters
    self.seed = seed
    self.programVersion = programVersion
    self.host = host
    self.cpu = cpu
    self.processID = processID
    self.startedAt = startedAt
    self.heartbeatAt = heartbeatAt
    self.endedAt = endedAt
    self.progressDone = progressDone
    self.progressTotal = progressTotal
    self.error = error
    self.warnings = warnings
  }

  /// `run:number`.
  public var reference: String { "run:\(id)" }

  /// Whether it says that it is running, but has shown no life for 30 seconds.
  public func isLost(at moment: Timestamp = .now) -> Bool {
    state == .running && (moment.seconds(since: heartbeatAt) ?? 0) > 30
  }
}

/// What a run read.
public struct RunInput: Hashable, Sendable {
  /// A version of a volume or of a model, by its key.
  public enum Source: Hashable, Sendable {
    case version(Int64)
    case modelVersion(Int64)
  }

  /// As what: `image`, `labels`, `model`, `parent`, `prediction`, `truth`, `onto` …
  public let role: String
  /// What was read.
  public let source: Source
  /// Inputs that belong together, as an image and its labels, have one number.
  public let pair: Int?

  public init(_ role: String, _ source: Source, pair: Int? = nil) {
    self.role = role
    self.source = source
    self.pair = pair
  }
}
