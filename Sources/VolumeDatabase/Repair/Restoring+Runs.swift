// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog

extension Restoring {
  /// Enters the runs that the catalog does not know.
  ///
  /// - Returns: Their files, whose inputs and scores are entered once the versions are there.
  mutating func runs() throws -> [RunFile] {
    var entered: [RunFile] = []
    let numbers = try FileSystem.names(in: layout.runs).compactMap(Int64.init).sorted()
    for number in numbers {
      let folder = "\(layout.runs)/\(number)"
      let file: RunFile
      do throws(DatabaseError) {
        file = try RunFile(folder: folder)
      } catch {
        // Of a run whose row is there the file can be written again.
        if (try? catalog.run(number)) != nil {
          try RunFile.write(run: number, in: catalog, folder: folder)
          report.did("run:\(number)", "its run.json was written anew")
        } else {
          report.cannot("runs/\(number)", "\(error)")
        }
        continue
      }
      if try catalog.key(of: .run, uuid: file.uuid) != nil { continue }
      if (try? catalog.run(file.id)) != nil || file.id != number {
        report.cannot("runs/\(number)", "there is another run \(file.id)")
        continue
      }
      let heartbeat = Heartbeat(folder: folder)
      try catalog.restoreRun(file.record(heartbeat: heartbeat))
      for (moment, points) in try MetricsFile.read(folder: folder) {
        try catalog.addMetrics(points, toRun: file.id, at: moment)
      }
      report.did("run:\(number)", "entered")
      entered.append(file)
    }
    return entered
  }

  /// Enters what runs read, and the scores they took.
  mutating func inputsAndScores(of files: [RunFile]) throws {
    for file in files {
      var inputs: [RunInput] = []
      for input in file.inputs {
        if let version = try catalog.key(of: .version, uuid: input.uuid) {
          inputs.append(RunInput(input.role, .version(version), pair: input.pair))
        } else if let model = try catalog.key(of: .modelVersion, uuid: input.uuid) {
          inputs.append(RunInput(input.role, .modelVersion(model), pair: input.pair))
        } else {
          report.cannot("run:\(file.id)", "it read \(input.reference), of which there is nothing left")
        }
      }
      try catalog.addInputs(inputs, toRun: file.id)
      var scores: [EvaluationRecord] = []
      for score in file.evaluations {
        guard let prediction = try version(score.predictionUUID, score.prediction),
          let truth = try version(score.truthUUID, score.truth),
          score.region.count == 2, score.region.allSatisfy({ $0.count == 3 })
        else {
          report.cannot("run:\(file.id)", "a score of \(score.prediction) names what is not there any more")
          continue
        }
        scores.append(
          EvaluationRecord(
            runID: file.id, predictionID: prediction, truthID: truth,
            region: Box(lower: score.region[0], upper: score.region[1]), part: score.part,
            classID: try score.class.map { try catalog.classNamed($0).id }, metric: score.metric,
            value: score.value, reason: score.reason, uuid: score.uuid))
      }
      try catalog.addEvaluations(scores)
    }
  }

  /// The version of a UUID, or of a reference in files that have none.
  private func version(_ uuid: String?, _ reference: String) throws -> Int64? {
    if let uuid { return try catalog.key(of: .version, uuid: uuid) }
    return try? database.record(try VersionReference(parsing: reference)).id
  }
}

extension RunFile {
  /// The row of the run.
  ///
  /// - Parameter heartbeat: The last sign of life of a run that did not end.
  func record(heartbeat: Heartbeat?) -> RunRecord {
    let isOpen = RunState(rawValue: state) == .running
    let alive = isOpen ? heartbeat : nil
    return RunRecord(
      id: id, uuid: uuid, kind: RunKind(rawValue: kind), state: RunState(rawValue: state) ?? .failed,
      command: command, parameters: parameters, seed: seed.flatMap { UInt64($0) }, programVersion: program,
      host: host, cpu: cpu, processID: processID, startedAt: Timestamp(rawValue: startedAt),
      heartbeatAt: alive?.moment ?? Timestamp(rawValue: heartbeatAt ?? endedAt ?? startedAt),
      endedAt: isOpen ? nil : Timestamp(rawValue: endedAt ?? startedAt),
      progressDone: alive?.done ?? progressDone ?? 0, progressTotal: alive?.total ?? progressTotal,
      error: state == RunState.failed.rawValue ? error : nil, warnings: warnings)
  }
}
