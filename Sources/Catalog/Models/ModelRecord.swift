// SPDX-License-Identifier: Apache-2.0

/// A series of model versions under one name.
public struct ModelRecord: Hashable, Sendable {
  /// The key within this catalog.
  public let id: Int64
  /// The name that holds everywhere.
  public let uuid: String
  /// Unique without regard to case.
  public let name: String
  /// Anything else.
  public let note: String?
  /// When it was added.
  public let createdAt: Timestamp
}

/// What must be known of a version of a model before its number is reserved.
public struct ModelVersionDraft: Hashable, Sendable {
  /// The model that gets a version.
  public var modelID: Int64
  /// That of a version that is being restored; a new one by default.
  public var uuid: String?
  /// The version, of this or another model, whose weights it began with.
  public var parentID: Int64?
  /// The run that makes it.
  public var runID: Int64?
  /// As in `rsunet`.
  public var architecture: String
  /// The preprocessing that belongs to it, as JSON.
  public var preprocessing: String
  /// The class of each output channel.
  public var classIDs: [Int64]
  /// How many numbers are learned.
  public var parameterCount: Int
  /// Where it is being written, relative to the database's folder.
  public var stagingPath: String
  /// Anything else.
  public var note: String?

  public init(
    modelID: Int64, architecture: String, preprocessing: String = "{}", classIDs: [Int64],
    parameterCount: Int, stagingPath: String
  ) {
    self.modelID = modelID
    self.architecture = architecture
    self.preprocessing = preprocessing
    self.classIDs = classIDs
    self.parameterCount = parameterCount
    self.stagingPath = stagingPath
  }
}

/// One state of a model: immutable once committed.
public struct ModelVersionRecord: Hashable, Sendable {
  /// The key within this catalog.
  public let id: Int64
  /// The name that holds everywhere.
  public let uuid: String
  /// The model it is a version of.
  public let modelID: Int64
  /// The name of the model.
  public let model: String
  /// From 1 on; never given twice in a model.
  public let number: Int
  /// How far it has come.
  public let state: VersionState
  /// The version whose weights it began with.
  public let parentID: Int64?
  /// The run that made it.
  public let runID: Int64?
  /// As in `rsunet`.
  public let architecture: String
  /// The preprocessing that belongs to it, as JSON.
  public let preprocessing: String
  /// The canonical name of each output channel's class.
  public let classes: [String]
  /// How many numbers are learned.
  public let parameterCount: Int
  /// The folder, relative to the database's.
  public let path: String
  /// Where it is being written, until it is committed.
  public let stagingPath: String?
  /// SHA-256 of the weights file, in hexadecimal.
  public let weightsHash: String?
  /// The size of the weights file.
  public let byteCount: Int?
  /// Anything else.
  public let note: String?
  /// When its number was reserved.
  public let createdAt: Timestamp
  /// When it was committed.
  public let committedAt: Timestamp?

  /// `model:name@number`.
  public var reference: String { "model:\(model)@\(number)" }
}
