// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Segmentation
import TestData
import Testing
import VolumeDatabase

@testable import Runs

@Suite("Instances")
struct InstanceRunTests {
  let folder: TemporaryFolder
  let database: VolumeDatabase
  static let shape: Extent = [40, 90, 100]

  /// A prediction of discs that run through z, some touching; computed at x < 96.
  init() throws {
    folder = try TemporaryFolder()
    database = try VolumeDatabase.create(at: folder("lab.vemdb").path)
    try database.addDataset("d")
    try add("d/pred", .prediction, [.semantic("mito", value: 2)]) { at in
      Self.isObject(at) ? 2 : at[2] > 96 ? 2 : 1
    }
    try add("d/prob", .probability, [.probability("mito")]) { at in
      Self.isObject(at) ? UInt8(130 + (at[0] * 7 + at[1] * 3 + at[2]) % 120) : 20
    }
  }

  private static func isObject(_ at: [Int]) -> Bool {
    let (y, x) = (at[1] % 22 - 11, at[2] % 26 - 13)
    let radius = 8 + at[0] / 8
    return y * y + x * x < radius * radius && at[0] % 20 != 19
  }

  private func add(
    _ name: String, _ kind: VolumeKind, _ classes: [ClassAssignment], _ value: ([Int]) -> UInt8
  ) throws {
    var specification = VersionSpecification(
      volume: try VolumeReference(parsing: name), kind: kind, dataType: .uint8, shape: Self.shape,
      voxelSize: VoxelSize(z: 40, y: 10, x: 10))
    specification.classes = classes
    if kind == .probability { specification.valueScale = 1 / 255.0 }
    let writer = try VersionWriter(specification, in: database)
    for layer in 0..<writer.layerCount {
      let box = writer.box(ofLayer: layer)
      try writer.writeLayer(NDArray(box.positions.map(value), box.extent), layer: layer)
    }
    try writer.finish(coverage: [Box(lower: [0, 0, 0], upper: [40, 90, 96])])
    try database.commit([writer])
  }

  private func request(_ source: String, _ target: String) -> InstanceRequest {
    InstanceRequest(source: source, target: target, threads: 2)
  }

  private func mask() -> NDArray {
    NDArray(
      Box(Self.shape).positions.map { at -> UInt8 in at[2] < 96 && Self.isObject(at) ? 1 : 0 }, Self.shape)
  }

  @Test("components of a prediction are those of the whole volume, inside its coverage")
  func components() throws {
    let outcome = try InstanceRun.start(request("d/pred", "d/objects"), in: database)
    let version = try database.version(outcome.version)
    let whole = connectedComponents(mask(), connectivity: .faces)
    #expect(try version.read(Box(Self.shape)) == whole.labels)
    #expect(outcome.objects == whole.count)
    #expect(version.classes.map(\.mode) == [.instance])
    #expect(version.classes.map(\.className) == ["mitochondrion"])
    #expect(version.coverage.map(\.box) == [Box(lower: [0, 0, 0], upper: [40, 90, 96])])
    let known = try database.catalog.instances(ofVersion: outcome.version.id)
    #expect(known.map(\.voxels) == instances(of: whole.labels).map(\.voxels))
    #expect(try database.catalog.inputs(ofRun: outcome.run).map(\.role) == ["prediction"])
    #expect(!FileManager.default.fileExists(atPath: folder("lab.vemdb/runs/\(outcome.run)/blocks").path))
  }

  @Test(
    "neither blocks nor threads change a watershed",
    arguments: [InstanceRequest.Watershed.distance, .probability])
  func blocks(_ watershed: InstanceRequest.Watershed) throws {
    var hashes: Set<Hash128?> = []
    for (number, threads) in [1, 2, 1].enumerated() {
      var request = request("d/prob", "d/w\(number)")
      request.watershed = watershed
      request.depth = 0.05
      request.distanceLimit = 60
      request.threads = threads
      request.blockVoxels = [1, 1 << 17, 1 << 30][number]
      let outcome = try InstanceRun.start(request, in: database)
      #expect(outcome.objects > connectedComponents(mask(), connectivity: .faces).count)
      hashes.insert(outcome.version.contentHash)
    }
    #expect(hashes.count == 1)
  }

  @Test("small objects are left out, by voxels and by volume")
  func minimum() throws {
    let sizes = instances(of: connectedComponents(mask(), connectivity: .faces).labels).map(\.voxels)
    let limit = sizes.sorted()[sizes.count / 2] + 1
    for size in ["\(limit)", "\(limit * 4000)nm3", "\(Double(limit) * 4e-6)µm³"] {
      var request = request("d/pred", "d/large")
      request.minimumSize = size
      #expect(try InstanceRun.start(request, in: database).objects == sizes.count { $0 >= limit })
    }
  }

  @Test("what lies between boundaries is an object")
  func boundaries() throws {
    var request = request("d/pred", "d/between")
    request.showsBoundaries = true
    #expect(throws: InstanceError.namelessObjects("d/pred@1")) {
      try InstanceRun.start(request, in: database)
    }
    request.className = "nucleus"
    let outcome = try InstanceRun.start(request, in: database)
    let inverse = NDArray(
      Box(Self.shape).positions.map { at -> UInt8 in at[2] < 96 && !Self.isObject(at) ? 1 : 0 }, Self.shape)
    #expect(outcome.objects == connectedComponents(inverse, connectivity: .faces).count)
    #expect(outcome.className == "nucleus")
  }

  @Test("a stopped run goes on, and not with another source or settings")
  func resumed() throws {
    let whole = try InstanceRun.start(request("d/pred", "d/whole"), in: database)
    let flag = CancellationFlag()
    flag.cancel()
    #expect(throws: StoppedOnRequest.self) {
      try InstanceRun.start(request("d/pred", "d/stopped"), in: database, cancellation: flag)
    }
    let run = try #require(try database.catalog.runs().last)
    #expect(run.state == .stopped)
    for change in [#""threshold":0.25"#, #""source":"d/prob@1""#] {
      let key = change.prefix { $0 != ":" }
      let other = run.parameters.replacing(
        try Regex("\(key):[^,}]*"), with: change)
      #expect(other != run.parameters)
      try database.catalog.setParameters(other, ofRun: run.id)
      #expect(throws: InstanceError.changed(run: run.id)) { try InstanceRun.resume(run.id, in: database) }
    }
    try database.catalog.setParameters(run.parameters, ofRun: run.id)
    let outcome = try InstanceRun.resume(run.id, in: database)
    #expect(outcome.version.contentHash == whole.version.contentHash)
    #expect(throws: (any Error).self) { try InstanceRun.resume(run.id, in: database) }
  }

  @Test("what cannot be done is refused before a run is entered")
  func refused() throws {
    var one = request("d/pred", "d/x")
    one.watershed = .probability
    #expect(throws: InstanceError.noProbabilities("d/pred@1", kind: "prediction")) {
      try InstanceRun.start(one, in: database)
    }
    one = request("d/pred", "d/x")
    one.minimumSize = "many"
    #expect(throws: InstanceError.self) { try InstanceRun.start(one, in: database) }
    one = request("d/pred", "d/x")
    one.region = "x=97:100"
    #expect(throws: InstanceError.self) { try InstanceRun.start(one, in: database) }
    #expect(try database.catalog.runs().isEmpty)
  }
}
