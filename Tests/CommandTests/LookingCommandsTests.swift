// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import TestData
import Testing
import VolumeDatabase

/// `list`, `show`, `log` and `query` as a person runs them.
@Suite("Commands that look")
struct LookingCommandsTests {
  let folder: TemporaryFolder
  let program: VemdbProgram
  static let id: UInt64 = (1 << 63) + 1

  /// An image of 4×8×8 voxels, and one object of 2×3×4 voxels at z=1, y=2, x=3 with an id beyond 2⁶³.
  init() throws {
    folder = try TemporaryFolder()
    program = VemdbProgram(database: folder("lab.vemdb"))
    let database = try VolumeDatabase.create(at: folder("lab.vemdb").path)
    try database.addDataset("d", DatasetFacts(tissue: "liver"))
    let run = try database.catalog.startRun(
      RunDraft(kind: .ingest, seed: 7, programVersion: "0.1.0", host: "h", cpu: "c"))
    func add(_ name: String, _ kind: VolumeKind, _ type: DataType, _ voxels: NDArray) throws {
      var specification = VersionSpecification(
        volume: try VolumeReference(parsing: name), kind: kind, dataType: type, shape: [4, 8, 8],
        voxelSize: VoxelSize(z: 50, y: 8, x: 8))
      specification.runID = run.id
      specification.chunk = [4, 8, 8]
      specification.shard = [4, 8, 8]
      if kind != .image {
        specification.classes = [.instance("mito")]
        specification.image = try VersionReference(parsing: "d/em")
      }
      let writer = try VersionWriter(specification, in: database)
      try writer.writeLayer(voxels, layer: 0)
      let mito = try database.catalog.classNamed("mito").id
      try writer.finish(
        coveredBy: [CoverageBox(Box([4, 8, 8]), classID: kind == .image ? nil : mito)])
      try database.commit([writer])
    }
    try add("d/em", .image, .uint8, NDArray([UInt8](repeating: 3, count: 256), [4, 8, 8]))
    let object = Box(origin: [1, 2, 3], extent: [2, 3, 4])
    let ids = Box([4, 8, 8]).positions.map { position in
      object.contains(Box(origin: position, extent: [1, 1, 1])) ? Self.id : 0
    }
    try add("d/mito", .label, .uint64, NDArray(ids, [4, 8, 8]))
    try database.catalog.endRun(run.id, .done)
  }

  private func json(_ arguments: String...) throws -> Any {
    let outcome = try program.run(arguments + ["--format", "json"])
    try #require(outcome.exitCode == 0, "\(outcome)")
    #expect(outcome.standardError.isEmpty)
    return try JSONSerialization.jsonObject(with: Data(outcome.standardOutput.utf8))
  }

  @Test("a query's JSON keeps ids and counts as strings, boxes as bounds")
  func query() throws {
    let answer = try #require(
      try json("query", "d", "--region", "z=1:3,x=4:8", "--instances") as? [String: Any])
    #expect(answer["grid"] as? String == "d/em@1")
    #expect(answer["region"] as? [[Int]] == [[1, 0, 4], [3, 8, 8]])
    let item = try #require((answer["items"] as? [[String: Any]])?.first)
    #expect(item["ref"] as? String == "d/mito@1")
    #expect(item["covered_fraction"] as? Double == 1)
    let one = try #require((item["voxels"] as? [[String: Any]])?.first)
    #expect(one["class"] as? String == "mitochondrion")
    // Of four columns, x=3 is left out: 2×3×3 voxels of 50×8×8 nm.
    #expect(one["voxels"] as? String == "18")
    #expect(try abs(#require(one["um3"] as? Double) - 18 * 3200e-9) < 1e-12)
    let object = try #require((item["instances"] as? [[String: Any]])?.first)
    #expect(object["id"] as? String == "9223372036854775809")
    #expect(object["voxels"] as? String == "24")
    #expect(object["voxels_in_region"] as? String == "18")
    #expect(object["box"] as? [[Int]] == [[1, 2, 3], [3, 5, 7]])
    #expect(object["centroid_nm"] as? [Double] == [75, 24, 36])
  }

  @Test("lists are tables for people and CSV for programs")
  func list() throws {
    let table = try program("list").standardOutput
    #expect(table.contains("d/mito") && table.contains("4 × 8 × 8"))
    let csv = try program("list", "versions", "d/mito", "--format", "csv").standardOutput.split(
      separator: "\n")
    #expect(csv.count == 2)
    #expect(csv[1].hasPrefix("d/mito@1,label,committed,4 8 8,uint64,mitochondrion,"))
    let classes = try #require(try json("list", "classes") as? [[String: Any]])
    #expect(classes.contains { ($0["synonyms"] as? [String])?.contains("mito") == true })
    #expect(try program("list", "models").standardOutput == "no models yet\n")
  }

  @Test("everything of a dataset, a volume, a version and a run can be shown")
  func show() throws {
    let dataset = try #require(try json("show", "d") as? [String: Any])
    #expect(dataset["tissue"] as? String == "liver")
    let volume = try #require(try json("show", "d/mito") as? [String: Any])
    #expect(volume["ref"] as? String == "d/mito@1")
    #expect(volume["image"] as? String == "d/em@1")
    #expect(volume["voxel_size_nm"] as? [Double] == [50, 8, 8])
    let run = try #require(try json("show", "run:1") as? [String: Any])
    #expect(run["seed"] as? String == "7")
    #expect((run["outputs"] as? [[String: Any]])?.map { $0["ref"] as? String } == ["d/em@1", "d/mito@1"])
  }

  @Test("a lineage is a graph in JSON and a nested list for people")
  func log() throws {
    let graph = try #require(try json("log", "d/mito") as? [String: Any])
    let nodes = try #require(graph["nodes"] as? [[String: Any]])
    #expect(nodes.map { $0["ref"] as? String } == ["d/mito@1", "run:1", "d/em@1"])
    let edges = try #require(graph["edges"] as? [[String: String]])
    #expect(edges.contains(["from": "d/em@1", "to": "d/mito@1", "role": "image"]))
    #expect(try program("log", "d/mito").standardOutput.contains("├─ made by run:1  ingest, done"))
  }

  @Test(
    "what is wrong is said in one sentence",
    arguments: [
      (["query", "d", "--region", "z=0:5"], 1, "z=0:4,y=0:8,x=0:8"),
      (["query", "d", "--class", "mitochondrien"], 1, "mitochondrion"),
      (["query", "d", "--kind", "picture"], 2, "'picture'"),
      (["query", "e"], 1, "'e'"),
      (["show", "d/er"], 1, "'d/er'"),
      (["show", "model:x"], 1, "'x'"),
      (["log", "d"], 1, "d is a dataset"),
      (["log", "run:9"], 1, "run:9"),
      (["list", "pictures"], 2, "pictures"),
    ] as [([String], Int32, String)])
  func wrong(arguments: [String], code: Int32, word: String) throws {
    let outcome = try program.run(arguments)
    #expect(outcome.exitCode == code, "\(outcome)")
    #expect(outcome.standardOutput.isEmpty)
    #expect(outcome.standardError.contains(word), "\(outcome)")
    #expect(outcome.standardError.split(separator: "\n").count == 1, "\(outcome)")
  }
}
