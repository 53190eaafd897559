// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

@Suite("Databases, datasets, splits and regions from the command line")
struct DatabaseCommandTests {
  private let vemdb = VemdbProgram()
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var path: String { folder("lab.vemdb").path }

  /// Exit code 1 and one sentence.
  private func refused(_ outcome: ProgramOutcome, _ words: String) {
    #expect(outcome.exitCode == 1)
    #expect(outcome.standardOutput.isEmpty)
    #expect(outcome.standardError.contains(words), "\(outcome)")
    #expect(outcome.standardError.split(separator: "\n").count == 1)
  }

  @Test("init makes a database once, and dataset adds to it")
  func initialisation() throws {
    #expect(try vemdb("init", path).exitCode == 0)
    refused(try vemdb("init", path), "exists already")
    #expect(try vemdb("dataset", "add", "ratliver", "--tissue", "liver", "-d", path).exitCode == 0)
    refused(try vemdb("dataset", "add", "RATLIVER", "-d", path), "choose another name")
    refused(try vemdb("dataset", "add", "..", "-d", path), "cannot name a dataset")
    #expect(try vemdb("dataset", "edit", "ratliver", "--note", "fresh", "-d", path).exitCode == 0)
    let group = try String(contentsOf: folder("lab.vemdb/volumes/ratliver/zarr.json"), encoding: .utf8)
    #expect(group.contains("\"tissue\": \"liver\""))
    #expect(group.contains("\"note\": \"fresh\""))
  }

  @Test("a folder that is no database is refused in one sentence")
  func noDatabase() throws {
    refused(try vemdb("dataset", "add", "x", "-d", folder.url.path), "is no vemdb database")
    refused(try vemdb("read", "a/b", "-o", "x.tif", "-d", folder.url.path), "is no vemdb database")
  }

  @Test("a split and a region of a volume that is not there are refused")
  func noVolume() throws {
    #expect(try vemdb("init", path).exitCode == 0)
    refused(try vemdb("split", "a/b", "--train", "z=0:10", "-d", path), "there is no")
    refused(try vemdb("read", "a/b", "-o", folder("x.tif").path, "-d", path), "there is no")
    refused(try vemdb("read", "a/b", "--region", "z=5:1", "-o", "x.tif", "-d", path), "z=5:1")
  }

  @Test("gc of a clean database finds nothing")
  func garbage() throws {
    #expect(try vemdb("init", path).exitCode == 0)
    #expect(try vemdb("gc", "-d", path).standardOutput == "nothing to remove\n")
  }
}
