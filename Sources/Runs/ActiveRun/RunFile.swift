// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation

/// The contents of `runs/<id>/run.json`. Versions are named by reference and by UUID, because keys hold
/// in one catalog only.
struct RunFile: Codable {
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
    let prediction: String
    let truth: String
    let region: [[Int]]
    let part: SplitPart?
    let `class`: String?
    let metric: String
    let value: Double?
    let reason: String?
  }

  let id: Int64
  let uuid: String
  let kind: String
  let state: String
  let command: String?
  let parameters: String
  let seed: String?
  let program: String
  let host: String
  let cpu: String
  let startedAt: String
  let endedAt: String?
  let error: String?
  let warnings: [String]
  let inputs: [Input]
  let outputs: [Output]
  let evaluations: [Score]

  enum CodingKeys: String, CodingKey {
    case id, uuid, kind, state, command, parameters, seed, program, host, cpu, error, warnings
    case inputs, outputs, evaluations
    case startedAt = "started_at"
    case endedAt = "ended_at"
  }
}

extension RunFile {
  init(run: RunRecord, in catalog: Catalog) throws {
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
    startedAt = run.startedAt.rawValue
    endedAt = run.endedAt?.rawValue
    error = run.error
    warnings = run.warnings
    inputs = try catalog.inputs(ofRun: run.id).map { input in
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
    evaluations = try catalog.evaluations(run: run.id).map { score in
      Score(
        prediction: try catalog.version(score.predictionID).reference,
        truth: try catalog.version(score.truthID).reference,
        region: [score.region.lower, score.region.upper], part: score.part,
        class: score.classID.flatMap { names[$0] }, metric: score.metric, value: score.value,
        reason: score.reason)
    }
  }
}
