// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Testing
import Zarr

@testable import VolumeDatabase

@Suite("What kills leave")
struct LeftoversTests {
  private func age(_ path: String) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -600)], ofItemAtPath: path)
  }

  @Test("files that were to replace others go once they are old; those of a moment ago stay")
  func unfinished() throws {
    let fixture = try Fixture()
    try fixture.database.add(try Fixture.image(), texture)
    let places = [
      "renaming.json", "volumes/zarr.json", "volumes/d/zarr.json", "volumes/d/em/zarr.json",
      "volumes/d/em/1/zarr.json", "models/net/series.json", "runs/1/run.json",
    ]
    for place in places {
      try fixture.folder.write([1], to: "lab.vemdb/\(place).7-1.new")
      try age("\(fixture.path)/\(place).7-1.new")
    }
    try fixture.folder.write([1], to: "lab.vemdb/volumes/d/zarr.json.7-2.new")
    let garbage = try fixture.database.garbage()
    #expect(Set(garbage.leftovers) == Set(places.map { "\(fixture.path)/\($0).7-1.new" }))
    try fixture.database.remove(garbage)
    for place in places { #expect(FileSystem.kind("\(fixture.path)/\(place).7-1.new") == nil) }
    #expect(FileSystem.kind("\(fixture.path)/volumes/d/zarr.json.7-2.new") == .file)
    #expect(try fixture.database.garbage().isEmpty)
  }

  @Test("planes of a prediction stay while its run can go on, and go with its version")
  func planes() throws {
    let fixture = try Fixture()
    let run = try fixture.database.catalog.startRun(
      RunDraft(kind: .predict, programVersion: "0", host: "h", cpu: "c"))
    var specification = try Fixture.image("d/p")
    specification.runID = run.id
    let writer = try VersionWriter(specification, in: fixture.database)
    writer.release()
    for id in [run.id, 77] { try fixture.folder.write([1], to: "lab.vemdb/runs/\(id)/0-0.planes") }
    try fixture.folder.write([1], to: "lab.vemdb/runs/77/.checkpoint.partial")
    let garbage = try fixture.database.garbage()
    #expect(
      garbage.leftovers.map { $0.split(separator: "/").suffix(2).joined(separator: "/") }
        == ["77/.checkpoint.partial", "77/0-0.planes"])
    #expect(garbage.resumableLeftovers.map(\.run) == [run.id])
    try fixture.database.remove(garbage)
    #expect(FileSystem.kind("\(fixture.path)/runs/\(run.id)/0-0.planes") == .file)
    try fixture.database.remove(try fixture.database.garbage(), andResumable: true)
    #expect(FileSystem.kind("\(fixture.path)/runs/\(run.id)/0-0.planes") == nil)
  }

  @Test("of equal shards those in one file count as shared, those in two as each one's own")
  func ownBytes() throws {
    let fixture = try Fixture()
    let parent = try fixture.database.add(try Fixture.image(), texture)
    // Equal voxels, written again; then all shards of the first, linked.
    try fixture.database.add(try Fixture.image(), texture)
    var linked = try Fixture.image()
    linked.parent = parent.reference
    let writer = try VersionWriter(linked, in: fixture.database)
    try writer.finish(coverage: [])
    try fixture.database.commit([writer])
    func own(_ database: VolumeDatabase) throws -> [Int] {
      try database.catalog.versions().map { try database.catalog.storedBytes(ofVersion: $0.id).ownBytes }
    }
    let all = try fixture.database.catalog.storedBytes(ofVersion: parent.record.id).bytes
    #expect(try own(fixture.database) == [0, all, 0])
    for ending in ["", "-wal", "-shm"] {
      try FileSystem.removeFile("\(fixture.path)/catalog.sqlite\(ending)")
    }
    _ = try VolumeDatabase.rebuild(at: fixture.path)
    #expect(try own(try fixture.reopened()) == [0, all, 0])
  }

  @Test(
    "a model.json that says less, as earlier programs wrote it, is no damage, and repair adds what it lacks")
  func olderModel() throws {
    let fixture = try Fixture()
    let draft = ModelVersionDraft(
      modelID: try fixture.database.catalog.addModel("net").id, architecture: "rsunet", preprocessing: "{}",
      classIDs: [1], parameterCount: 1, stagingPath: "")
    let version = try fixture.database.addModelVersion(draft) { folder in
      try FileSystem.write(Array("{}".utf8), to: "\(folder)/model.json", mode: 0o644)
      try FileSystem.write([7], to: "\(folder)/weights.safetensors", mode: 0o644)
      // SHA-256 of the byte 7, by sha256sum.
      return ("ca358758f6d27e6cf45272937977a748fd88391db679ceda7dc7bf1f005ee879", 1)
    }
    let path = "\(fixture.database.folder(of: version))/model.json"
    try FileSystem.replace(path, with: Array("{\"format\": 1}".utf8))
    #expect(try fixture.database.verify().problems == [])
    #expect(try fixture.database.repair().isComplete)
    let json = try JSONValue(parsing: try FileSystem.read(path), key: "model.json")
    #expect(json["vemdb"]?["uuid"]?.string == version.uuid)
    #expect(json["format"]?.int == 1)
    #expect(try fixture.database.repair().entries == [])
  }
}
