// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

@Suite("Bad input is refused by the program in one sentence, and nothing of it stays")
struct BadInputTests {
  private let scratch: TemporaryFolder
  private let vemdb: VemdbProgram

  init() throws {
    scratch = try TemporaryFolder()
    vemdb = VemdbProgram(database: scratch.url.appendingPathComponent("lab.vemdb"))
    try vemdb("init", scratch.url.appendingPathComponent("lab.vemdb").path)
    try vemdb("dataset", "add", "d")
  }

  /// A 2 × 2 pixel TIFF of 8 bits, written by hand from the specification.
  private func tiff(_ name: String, width: UInt16 = 2) throws -> String {
    let entries: [(tag: UInt16, value: UInt16)] = [
      (256, width), (257, 2), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 2), (279, 2 * width),
    ]
    func bytes(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
      (0..<(value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    var file: [UInt8] = [0x49, 0x49, 42, 0, 16, 0, 0, 0] + [UInt8](repeating: 7, count: 8)
    file += bytes(UInt16(entries.count))
    for entry in entries {
      file += bytes(entry.tag) + bytes(UInt16(3)) + bytes(UInt32(1)) + bytes(UInt32(entry.value))
    }
    file += bytes(UInt32(0))
    let url = scratch.url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(file).write(to: url)
    return url.path
  }

  /// What a person can find in the database.
  private func traces() throws -> [String] {
    let folder = scratch.url.appendingPathComponent("lab.vemdb")
    let files = FileManager.default.enumerator(atPath: folder.path)?.allObjects.map { "\($0)" } ?? []
    return files.filter { !$0.hasPrefix("catalog.sqlite") }.sorted()
      + [try vemdb("list", "--format", "json").standardOutput]
  }

  private func refusal(
    _ arguments: [String], exitCode: Int32 = 1, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let before = try traces()
    let outcome = try vemdb.run(arguments)
    #expect(outcome.exitCode == exitCode, "\(outcome)", sourceLocation: sourceLocation)
    #expect(outcome.standardError.hasPrefix("vemdb: "), sourceLocation: sourceLocation)
    #expect(outcome.standardError.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
    #expect(try traces() == before, "a trace is left", sourceLocation: sourceLocation)
    return outcome.standardError
  }

  @Test("a missing slice, slices of unequal size, no voxel size, a truncated file")
  func slices() throws {
    let paths = try [0, 1, 3, 4].map { try tiff("gap/s\($0).tif") }
    let image = ["ingest", "image", "d/em"]
    #expect(try refusal(image + paths + ["--voxel-size", "50,8,8nm"]).contains("slice 2 is missing"))
    #expect(try refusal(image + [paths[0]]).contains("--voxel-size"))
    let unequal = [paths[0], try tiff("unequal/s1.tif", width: 4)]
    #expect(try refusal(image + unequal + ["--voxel-size", "50,8,8nm"]).contains("need one size"))
    let whole = try Data(contentsOf: URL(fileURLWithPath: paths[1]))
    try whole.prefix(60).write(to: URL(fileURLWithPath: paths[1]))
    #expect(
      try refusal(image + paths[0...1] + ["--voxel-size", "50,8,8nm"]).contains("s1.tif' is damaged"))
  }

  @Test("an unknown class, a region out of bounds, a volume and a model that are not there")
  func names() throws {
    let paths = try (0..<3).map { try tiff("em/s\($0).tif") }
    #expect(try vemdb.run(["ingest", "image", "d/em"] + paths + ["--voxel-size", "50,8,8nm"]).exitCode == 0)
    let labels = ["ingest", "labels", "d/mito"] + paths + ["--like", "d/em", "--classes"]
    #expect(try refusal(labels + ["mitochondriom=7"]).contains("did you mean"))
    let cut = scratch.url.appendingPathComponent("cut.npy").path
    #expect(
      try refusal(["read", "d/em", "--region", "z=0:9", "-o", cut]).contains("valid is z=0:3,y=0:2,x=0:2"))
    #expect(!FileManager.default.fileExists(atPath: cut))
    #expect(try refusal(["read", "d/em", "--region", "q=1", "-o", cut]).contains("q=1"))
    #expect(try refusal(["show", "d/nothing"]).contains("d/nothing"))
    #expect(try refusal(["predict", "nobody", "--on", "d/em", "--as", "d/p"]).contains("nobody"))
    #expect(
      try refusal(["train", "m", "--pair", "d/em,d/nothing", "--class", "mito"]).contains("d/nothing"))
    #expect(
      try refusal(["ingest", "image", "../em", paths[0], "--voxel-size", "1,1,1nm"], exitCode: 2)
        .contains("../em"))
  }

  @Test("a folder and a file that are no database")
  func noDatabase() throws {
    #expect(try refusal(["list", "-d", scratch.url.path]).contains("is no vemdb database"))
    #expect(try refusal(["list", "-d", try tiff("file.tif")]).contains("is no vemdb database"))
    let broken = scratch.url.appendingPathComponent("broken.vemdb")
    try FileManager.default.createDirectory(at: broken, withIntermediateDirectories: true)
    try Data("no database".utf8).write(to: broken.appendingPathComponent("catalog.sqlite"))
    #expect(try refusal(["list", "-d", broken.path]).contains("broken.vemdb"))
  }

  @Test(
    "a file of weights that names a function of the system",
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func hostileWeights() throws {
    let file = SharedData.path("data/oracles/sam2/tiny_malicious.pt")
    let text = try refusal(["model", "import", file, "--architecture", "rsunet", "--as", "evil"])
    #expect(text.contains("names posix.system"))
  }
}
