// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Networks
import Tensors
import Testing
import VolumeDatabase

@testable import Runs

@Suite("A model.json that a person wrote")
struct WrittenModelTests {
  /// The example of docs/model-json.md.
  static func example() throws -> String {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/model-json.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let parts = text.components(separatedBy: "```")
    return String(try #require(parts.count > 1 ? parts[1] : nil).dropFirst("json".count))
  }

  /// The example with something in it replaced, as a file.
  private static func file(_ fixture: TrainingFixture, _ old: String = "", _ new: String = "") throws
    -> String
  {
    let path = "\(fixture.path)/my.json"
    let text = try example()
    #expect(old.isEmpty || text.contains(old))
    try text.replacingOccurrences(of: old.isEmpty ? "\u{0}" : old, with: new)
      .write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test("trains, also resumed without the file, predicts and takes weights from a file")
  func runs() throws {
    let fixture = try TrainingFixture()
    try fixture.addImage()
    try fixture.addLabels()
    let path = try Self.file(fixture)
    var request = fixture.request()
    (request.architecture, request.patch, request.steps) = (path, nil, 3)
    let progress = StoppingProgress(after: 1)
    #expect(throws: StoppedOnRequest.self) {
      try TrainingRun.start(
        request, in: fixture.database, progress: progress, cancellation: progress.cancellation)
    }
    try FileManager.default.removeItem(atPath: path)
    let run = try #require(try fixture.database.catalog.runs(state: .stopped).first)
    _ = try TrainingRun.resume(
      run.id, in: fixture.database, progress: SilentProgress(), cancellation: CancellationFlag())
    let made = try ModelStore.open(ModelReference(parsing: "m"), in: fixture.database)
    #expect(made.record.architecture == "tiny" && made.description.patch == [4, 16, 16])
    #expect(made.description.preprocessing.clahe == nil)
    #expect(made.weights["deep.weight"]?.shape == [8, 8, 3, 3, 3])
    let version = try fixture.predict(fixture.prediction("d/found")).versions[0]
    #expect(version.shape == [16, 48, 64])

    let weights = "\(fixture.path)/tiny.safetensors"
    try ModelStore.export(ModelReference(parsing: "m"), to: weights, in: fixture.database)
    var take = ModelImport.Request(file: weights, model: "taken", classes: [], voxelSize: nil)
    take.architecture = try Self.file(fixture)
    let (_, report) = try ModelImport.perform(take, in: fixture.database)
    #expect(report.isComplete)
    let taken = try ModelStore.open(ModelReference(parsing: "taken"), in: fixture.database)
    #expect(taken.weights == made.weights && taken.description.classes == ["mitochondrion"])
    #expect(taken.description.graph == made.description.graph)
  }

  /// What is changed, and what the refusal says.
  static let faults: [(old: String, new: String, said: [String])] = [
    (
      #""input_channels": 8, "output_channels": 8,"#, #""input_channels": 9, "output_channels": 8,"#,
      ["\"deep\"", "it takes 9 channels, not 8"]
    ),
    (
      #""operation": "elu", "inputs": ["deep.bn"]"#, #""operation": "gelu", "inputs": ["deep.bn"]"#,
      ["\"deep.elu\"", "\"gelu\""]
    ),
    (
      #""inputs": ["enlarge", "first.elu"]"#, #""inputs": ["deep.elu", "first.elu"]"#, ["\"join\"", "shapes"]
    ),
    (#""inputs": ["pool"]"#, #""inputs": ["head"]"#, ["\"deep\"", "\"head\""]),
    (
      #""inputs": ["first.elu"], "kernel": [1, 2, 2]"#, #""inputs": ["first.elu"], "kernel": [1, 2]"#,
      ["\"pool\"", "three axes"]
    ),
    (
      #""inputs": ["first.elu"], "kernel": [1, 2, 2]"#,
      #""inputs": ["first.elu"], "kernel": [1, 9000000000000000000, 2]"#, ["\"pool\"", "above"]
    ),
    (#""channels": 1}"#, #""channels": 2}"#, ["\"grey\"", "one channel"]),
    (#""output": "head""#, #""output": "deep.elu""#, ["\"deep.elu\"", "voxels"]),
    (#""inputs": ["grey"],"#, #""inputs": ["grey"], "#, []),
    (#", "kernel": [1, 2, 2]}"#, "}", ["graph.nodes[4] lacks \"kernel\""]),
    (#"{"name": "grey","#, #"{"name": "grey" "#, ["no JSON"]),
  ]

  @Test("is refused by the name of the operation if its shapes do not check", arguments: faults.indices)
  func refused(number: Int) throws {
    let fixture = try TrainingFixture()
    let fault = Self.faults[number]
    let path = try Self.file(fixture, fault.old, fault.new)
    if fault.said.isEmpty {
      _ = try ModelDescription(file: path)
      return
    }
    let error = #expect(throws: CheckpointError.self) { try ModelDescription(file: path) }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.hasPrefix("\(path) describes no model that vemdb can run: "))
    for words in fault.said { #expect(text.contains(words), "\(text)") }
  }
}
