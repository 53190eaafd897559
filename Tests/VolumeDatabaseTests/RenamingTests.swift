// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Synchronization
import Testing
import Zarr

@testable import VolumeDatabase

@Suite("Renaming")
struct RenamingTests {
  private static let crash = DatabaseError.system(path: "", operation: "be killed", code: 0)
  private static let shape: Extent = [8, 40, 50]

  /// `d/em`, and labels of it in its dataset and in another one.
  private func fixture() throws -> Fixture {
    let fixture = try Fixture()
    let database = fixture.database
    try database.addDataset("e")
    try database.setNote("dim", ofVolume: try add("d/em", to: database).volume)
    for name in ["d/mito", "e/mito"] {
      var labels = try Fixture.labels(name, shape: Self.shape)
      (labels.chunk, labels.shard) = ([8, 16, 16], [8, 32, 32])
      labels.image = try VersionReference(parsing: "d/em@1")
      try database.add(labels) { position -> UInt8 in position[1] < 9 ? 255 : 0 }
    }
    return fixture
  }

  @discardableResult
  private func add(_ name: String, to database: VolumeDatabase) throws -> StoredVersion {
    var image = try Fixture.image(name, shape: Self.shape)
    (image.chunk, image.shard) = ([8, 16, 16], [8, 32, 32])
    return try database.add(image, texture)
  }

  /// Name of the multiscale image, and path to the image, of a version.
  private func names(_ fixture: Fixture, _ version: String) throws -> [String?] {
    let store = LocalStore(path: "\(fixture.path)/volumes/\(version)")
    let attributes = try GroupMetadata(opening: "", in: store).attributes
    let ome = try #require(attributes["ome"])
    return [
      ome["multiscales"]?.array?.first?["name"]?.string, ome["image-label"]?["source"]?["image"]?.string,
      attributes["vemdb"]?["image"]?["ref"]?.string, attributes["vemdb"]?["volume"]?["name"]?.string,
    ]
  }

  /// All files under the database's volumes, with their contents.
  private func tree(_ fixture: Fixture) throws -> [String: [UInt8]] {
    var (files, folders): ([String], [String]) = ([], [])
    try FileSystem.walk("\(fixture.path)/volumes", &files, &folders)
    return Dictionary(
      uniqueKeysWithValues: try files.map { ($0, try FileSystem.read($0)) })
  }

  private func rebuilt(_ fixture: Fixture) throws -> VolumeDatabase {
    for ending in ["", "-wal", "-shm"] {
      try FileSystem.removeFile("\(fixture.path)/catalog.sqlite\(ending)")
    }
    _ = try VolumeDatabase.rebuild(at: fixture.path)
    return try fixture.reopened()
  }

  @Test("a renamed image keeps its voxels, and its labels find it; back again every byte is as it was")
  func volume() throws {
    let fixture = try fixture()
    let before = try tree(fixture)
    let report = try fixture.database.rename(.init(parsing: "d/em"), to: "d/raw")
    #expect(report == RenamingReport(old: "d/em", new: "d/raw", strandedRuns: []))
    for database in [fixture.database, try rebuilt(fixture)] {
      let version = try database.version(try VersionReference(parsing: "d/raw"))
      #expect(try version.read(Box(Self.shape)) == voxels(Box(Self.shape), texture))
      #expect(throws: DatabaseError.self) { try database.version(try VersionReference(parsing: "d/em")) }
      let labels = try database.version(try VersionReference(parsing: "e/mito")).record
      #expect(try database.catalog.version(try #require(labels.imageID)).reference == "d/raw@1")
      #expect(try database.volume(try VolumeReference(parsing: "d/raw")).note == "dim")
      #expect(try database.verify().problems == [])
    }
    #expect(try names(fixture, "d/raw/1") == ["d/raw@1", nil, nil, "raw"])
    #expect(try names(fixture, "d/mito/1") == ["d/mito@1", "../../raw/1", "d/raw@1", "mito"])
    #expect(try names(fixture, "e/mito/1") == ["e/mito@1", "../../../d/raw/1", "d/raw@1", "mito"])
    _ = try fixture.reopened().rename(.init(parsing: "d/raw"), to: "em")
    #expect(try tree(fixture) == before)
  }

  @Test("a renamed dataset takes its volumes along")
  func dataset() throws {
    let fixture = try fixture()
    _ = try fixture.database.rename(.dataset("d"), to: "liver")
    for database in [fixture.database, try rebuilt(fixture)] {
      #expect(try database.catalog.datasets().map(\.name) == ["e", "liver"])
      #expect(try database.catalog.versions().map(\.reference) == ["e/mito@1", "liver/em@1", "liver/mito@1"])
      #expect(try database.verify().problems == [])
    }
    #expect(try names(fixture, "liver/mito/1") == ["liver/mito@1", "../../em/1", "liver/em@1", "mito"])
    #expect(try names(fixture, "e/mito/1") == ["e/mito@1", "../../../liver/em/1", "liver/em@1", "mito"])
  }

  @Test("a name may change in case alone, and a number goes on where it was")
  func letterCase() throws {
    let fixture = try fixture()
    _ = try fixture.database.rename(.init(parsing: "d/em"), to: "EM")
    try add("d/em", to: fixture.database)
    #expect(
      try fixture.database.catalog.versions(ofDataset: 1).map(\.path)
        == ["volumes/d/EM/1", "volumes/d/EM/2", "volumes/d/mito/1"])
    #expect(try fixture.database.verify().problems == [])
  }

  @Test("what is read, written, taken or no name is refused, and nothing has changed")
  func refused() throws {
    let fixture = try fixture()
    let before = try tree(fixture)
    let database = fixture.database
    let em = AnyReference.version(try VersionReference(parsing: "d/em"))
    func isRefused(_ reference: AnyReference, _ name: String) -> Bool {
      (try? database.rename(reference, to: name)) == nil
    }
    for name in ["d/mito", "MITO", "e/em", "em", "..", "zarr.json", "3", "a/b/c"] {
      #expect(isRefused(em, name))
    }
    #expect(isRefused(.dataset("d"), "E"))
    #expect(isRefused(.version(try VersionReference(parsing: "d/em@1")), "raw"))
    try fixture.folder.write([1], to: "lab.vemdb/volumes/d/raw/mine.txt")
    #expect(isRefused(em, "raw"))
    try FileSystem.removeTree("\(fixture.path)/volumes/d/raw")
    do {
      let reader = try database.version(try VersionReference(parsing: "d/em"))
      #expect(throws: DatabaseError.beingRead("d/em@1")) { try database.rename(em, to: "raw") }
      withExtendedLifetime(reader) {}
    }
    var labels = try Fixture.labels("d/er", shape: Self.shape)
    labels.image = try VersionReference(parsing: "d/em")
    let writer = try VersionWriter(labels, in: database)
    #expect(throws: DatabaseError.catalog(.unfinished("d/er@1", run: nil))) {
      try database.rename(em, to: "raw")
    }
    try writer.abandon()
    #expect(try tree(fixture) == before)
    #expect(FileSystem.kind(database.layout.renaming) == nil)
    _ = try database.rename(em, to: "raw")
  }

  @Test("what an interrupted run could be resumed with is refused, unless the run is given up")
  func interrupted() throws {
    let fixture = try fixture()
    let database = fixture.database
    let em = try database.version(try VersionReference(parsing: "d/em")).record
    for kind in ["evaluate", "train"] {
      let run = try database.catalog.startRun(
        RunDraft(kind: RunKind(rawValue: kind), programVersion: "0", host: "h", cpu: "c"))
      try database.catalog.addInputs([RunInput("image", .version(em.id))], toRun: run.id)
      try database.catalog.endRun(run.id, .stopped)
    }
    for (old, new) in [("d/em", "raw"), ("d", "liver")] {
      let error = #expect(throws: DatabaseError.self) { try database.rename(.init(parsing: old), to: new) }
      #expect(error.map { "\($0)" }?.contains("vemdb run resume 2") == true)
    }
    _ = try database.rename(.init(parsing: "d/mito"), to: "mine")
    let report = try database.rename(.init(parsing: "d/em"), to: "raw", leavesRuns: true)
    #expect(report == RenamingReport(old: "d/em", new: "d/raw", strandedRuns: [2]))
  }

  @Test(
    "a crash leaves the old name before the folder has moved, and the new one after",
    arguments: [0, 1, 2, 3])
  func crashes(point: Int) throws {
    let fixture = try fixture()
    let before = try tree(fixture)
    let renaming = Renaming(
      noun: .volume, uuid: try fixture.database.volume(try VolumeReference(parsing: "d/em")).uuid,
      parent: "volumes/d", old: "em", new: "raw")
    let layout = fixture.database.layout
    switch point {
    case 0, 3:
      let step = point == 0 ? CommitStep.renaming : .named
      let database = try VolumeDatabase(opening: fixture.path, access: .writing) {
        (now) throws(DatabaseError) in if now == step { throw Self.crash }
      }
      #expect(throws: Self.crash) { try database.rename(.init(parsing: "d/em"), to: "raw") }
    default:
      try renaming.announce(in: layout)
      try renaming.move(in: layout)
    }
    let isNew = point > 0
    if point == 2 {
      #expect(try rebuilt(fixture).verify().problems == [])
    } else {
      // By looking at it, whoever may write ends it.
      let reader = try fixture.reopened(.reading)
      let seen = try reader.version(try VersionReference(parsing: isNew ? "d/raw" : "d/em"))
      #expect(try seen.read(Box(Self.shape)) == voxels(Box(Self.shape), texture))
    }
    let database = try fixture.reopened()
    #expect(FileSystem.kind(layout.renaming) == nil)
    #expect(try database.verify().problems == [])
    #expect(try names(fixture, "d/mito/1")[1] == (isNew ? "../../raw/1" : "../../em/1"))
    if !isNew { #expect(try tree(fixture) == before) }
    _ = try database.rename(.init(parsing: isNew ? "d/raw" : "d/em"), to: "third")
    #expect(try database.catalog.versions(ofDataset: 1).first?.path == "volumes/d/mito/1")
  }

  @Test("a renamed model keeps its versions, and those that began with them name it anew")
  func model() throws {
    let fixture = try Fixture()
    let catalog = fixture.database.catalog
    var parent: Int64?
    for name in ["net", "fine"] {
      var draft = ModelVersionDraft(
        modelID: try catalog.addModel(name).id, architecture: "rsunet", preprocessing: "{}", classIDs: [1],
        parameterCount: 1, stagingPath: "")
      draft.parentID = parent
      parent = try fixture.database.addModelVersion(draft) { folder in
        try fixture.folder.write(
          Array("{}".utf8), to: "\(folder.dropFirst(fixture.folder.path.count + 1))/model.json")
        try fixture.folder.write(
          [7], to: "\(folder.dropFirst(fixture.folder.path.count + 1))/weights.safetensors")
        // SHA-256 of the byte 7, by sha256sum.
        return ("ca358758f6d27e6cf45272937977a748fd88391db679ceda7dc7bf1f005ee879", 1)
      }.id
    }
    _ = try fixture.database.rename(.init(parsing: "model:net"), to: "model:base")
    for database in [fixture.database, try rebuilt(fixture)] {
      #expect(
        try database.catalog.modelVersions().map(\.path) == ["models/base/1", "models/fine/1"])
      #expect(try database.verify().problems == [])
      let fine = try database.modelVersion(try ModelReference(name: "fine"))
      #expect(try database.catalog.modelVersion(try #require(fine.parentID)).reference == "model:base@1")
    }
    let json = try JSONValue(
      parsing: try FileSystem.read("\(fixture.path)/models/fine/1/model.json"), key: "model.json")
    #expect(json["vemdb"]?["parent"]?["ref"]?.string == "model:base@1")
  }
}
