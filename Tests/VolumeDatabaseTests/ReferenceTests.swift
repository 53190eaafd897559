// SPDX-License-Identifier: Apache-2.0

import Testing
import VolumeDatabase

@Suite("References")
struct ReferenceTests {
  @Test("a volume and a version are read and written alike")
  func versions() throws {
    let latest = try VersionReference(parsing: "ratliver/em")
    #expect(latest.volume.dataset == "ratliver")
    #expect(latest.volume.volume == "em")
    #expect(latest.number == nil)
    let third = try VersionReference(parsing: "rat-liver.2/em_raw@3")
    #expect(third.number == 3)
    #expect("\(third)" == "rat-liver.2/em_raw@3")
  }

  @Test(
    "a name that leaves the folder, hides or cannot be a folder is refused",
    arguments: [
      "..", ".", "", ".hidden", "_x", "-x", "a b", "a/b", "a\\b", "12", "1.5", "zarr.json",
      "ZARR.json", "naïve", "a\0b", "a:b", "a@b", String(repeating: "a", count: 101),
    ])
  func badNames(name: String) {
    #expect(throws: DatabaseError.badName(name, noun: "dataset")) {
      try ObjectName(name, noun: "dataset")
    }
  }

  @Test("names that differ only in case fold to one")
  func folding() throws {
    #expect(
      try ObjectName("EPFL", noun: "dataset").folded == ObjectName("epfl", noun: "dataset").folded)
  }

  @Test(
    "what is no reference is refused",
    arguments: ["a/b/c", "a", "a/b@0", "a/b@-1", "a/b@1@2", "a/b@", "a/b@x", "../../etc", "a/..", "/a"])
  func badReferences(text: String) {
    #expect(throws: DatabaseError.self) { try VersionReference(parsing: text) }
  }

  @Test("models and runs are told by their prefix where anything may stand")
  func anything() throws {
    #expect(try AnyReference(parsing: "model:rs@2") == .model(ModelReference(name: "rs", number: 2)))
    #expect(try AnyReference(parsing: "run:12") == .run(RunReference(number: 12)))
    #expect(try AnyReference(parsing: "ratliver") == .dataset("ratliver"))
    #expect(
      try AnyReference(parsing: "ratliver/em@2")
        == .version(VersionReference(parsing: "ratliver/em@2")))
    #expect(try ModelReference(parsing: "rs") == ModelReference(parsing: "model:rs"))
    #expect(try RunReference(parsing: "7") == RunReference(parsing: "run:7"))
    #expect(throws: DatabaseError.self) { try AnyReference(parsing: "run:0") }
    #expect(throws: DatabaseError.self) { try AnyReference(parsing: "tag:x") }
    #expect(throws: DatabaseError.self) { try AnyReference(parsing: "em@2") }
  }
}
