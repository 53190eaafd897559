// SPDX-License-Identifier: Apache-2.0

import Arrays
public import Catalog
import Foundation

/// The contents of `runs/<id>/run.json`: what the catalog knows of the run, so that a lost catalog can be
/// rebuilt. Versions are named by reference and by UUID, because keys hold in one catalog only; the UUID
/// counts, because names can change.
public struct RunFile: Codable, Sendable {
  /// The name of the file.
  static let name = "run.json"

  struct Input: Codable {
    let role: String
    let reference: String
    let uuid: String
    let pair: Int?
  }

  struct Output: Codable {
    let reference: String
    let uuid: String
  }

  struct Score: Codable {
    let uuid: String?
    let prediction: String
    let predictionUUID: String?
    let truth: String
    let truthUUID: String?
    let region: [[Int]]
    let part: SplitPart?
    let `class`: String?
    let metric: String
    let value: Double?
    let reason: String?

    enum CodingKeys: String, CodingKey {
      case uuid, prediction, truth, region, part, `class`, metric, value, reason
      case predictionUUID = "prediction_uuid"
      case truthUUID = "truth_uuid"
    }
  }

  /// The number of the run.
  public let id: Int64
  /// The name of the run that holds everywhere.
  public let uuid: String
  let kind: String
  /// `running`, `done`, `failed` or `stopped`.
  public let state: String
  let command: String?
  let parameters: String
  /// An unsigned number.
  public let seed: String?
  let program: String
  let host: String
  let cpu: String
  let processID: Int?
  let startedAt: String
  let heartbeatAt: String?
  let endedAt: String?
  let progressDone: Int?
  let progressTotal: Int?
  let error: String?
  /// What people should know.
  public let warnings: [String]
  let inputs: [Input]
  let outputs: [Output]
  let evaluations: [Score]

  enum CodingKeys: String, CodingKey {
    case id, uuid, kind, state, command, parameters, seed, program, host, cpu, error, warnings
    case inputs, outputs, evaluations
    case startedAt = "started_at"
    case endedAt = "ended_at"
    case processID = "process_id"
    case heartbeatAt = "heartbeat_at"
    case progressDone = "progress_done"
    case progressTotal = "progress_total"
  }
}

extension RunFile {
  /// What a catalog knows of a run.
  init(_ run: RunRecord, in catalog: Catalog) throws(CatalogError) {
    id = run.id
    uuid = run.uuid
    kind = run.kind.rawValue
    state = run.state.rawValue
    command = run.command
    parameters = run.parameters
    seed = run.seed.map(String.init)
    program = run.programVersion
    host = run.host
    cpu = run.cpu
    processID = run.processID
    startedAt = run.startedAt.rawValue
    heartbeatAt = run.heartbeatAt.rawValue
    progressDone = run.progressDone
    progressTotal = run.progressTotal
    endedAt = run.endedAt?.rawValue
    error = run.error
    warnings = run.warnings
    inputs = try catalog.inputs(ofRun: run.id).map { (input) throws(CatalogError) in
      switch input.source {
      case .version(let id):
        let version = try catalog.version(id)
        return Input(
          role: input.role, reference: version.reference, uuid: version.uuid, pair: input.pair)
      case .modelVersion(let id):
        let version = try catalog.modelVersion(id)
        return Input(
          role: input.role, reference: version.reference, uuid: version.uuid, pair: input.pair)
      }
    }
    outputs =
      try catalog.versions(madeByRun: run.id).map { Output(reference: $0.reference, uuid: $0.uuid) }
      + (try catalog.modelVersions(madeByRun: run.id).map { Output(reference: $0.reference, uuid: $0.uuid) })
    let names = Dictionary(uniqueKeysWithValues: try catalog.classes().map { ($0.id, $0.name) })
    evaluations = try catalog.evaluations(run: run.id).map { (score) throws(CatalogError) in
      let prediction = try catalog.version(score.predictionID)
      let truth = try catalog.version(score.truthID)
      return Score(
        uuid: score.uuid, prediction: prediction.reference, predictionUUID: prediction.uuid,
        truth: truth.reference, truthUUID: truth.uuid,
        region: [score.region.lower, score.region.upper], part: score.part,
        class: score.classID.flatMap { names[$0] }, metric: score.metric, value: score.value,
        reason: score.reason)
    }
  }

  /// Writes the file of a run, in one step and durably.
  ///
  /// - Parameters:
  ///   - run: Its number.
  ///   - folder: Where it lies.
  /// - Throws: ``DatabaseError``.
  public static func write(run id: Int64, in catalog: Catalog, folder: String) throws(DatabaseError) {
    let file = try inCatalog { () throws(CatalogError) in
      try RunFile(try catalog.run(id), in: catalog)
    }
    let path = "\(folder)/\(name)"
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(file) else {
      throw .badFacts(path: path, reason: "a score is no number")
    }
    try FileSystem.createFolders(folder)
    try FileSystem.replace(path, with: Array(data))
    if let slash = folder.lastIndex(of: "/") { try FileSystem.synchronise(String(folder[..<slash])) }
  }

  /// Reads the file of a run.
  ///
  /// - Parameter folder: Where it lies.
  /// - Throws: ``DatabaseError/badFacts(path:reason:)``.
  public init(folder: String) throws(DatabaseError) {
    let path = "\(folder)/\(Self.name)"
    let bytes = try FileSystem.read(path)
    do {
      self = try JSONDecoder().decode(RunFile.self, from: Data(bytes))
    } catch {
      throw .badFacts(path: path, reason: "it does not describe a run (\(error))")
    }
  }
}
