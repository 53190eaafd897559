// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The built program, run as a person runs it.
struct VemdbProgram {
  /// What one call did.
  struct Outcome {
    let exitCode: Int32
    let standardOutput: String
    let standardError: String
  }

  /// The program, which lies beside the program that runs the tests.
  static let url: URL = {
    let tests = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    return tests.resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("vemdb")
  }()

  /// Variables beyond those of the tests themselves.
  var environment: [String: String] = [:]

  /// Runs `vemdb` with `arguments` to its end.
  func callAsFunction(_ arguments: String..., in folder: String = NSTemporaryDirectory()) throws -> Outcome {
    try run(arguments, in: folder)
  }

  /// Runs `vemdb` with `arguments` to its end.
  func run(_ arguments: [String], in folder: String = NSTemporaryDirectory()) throws -> Outcome {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    // Files instead of pipes: nothing can fill up, and nothing has to be read at the same time.
    let streams = ["out", "err"].map { scratch.appendingPathComponent($0) }
    for stream in streams { try Data().write(to: stream) }

    let process = Process()
    process.executableURL = Self.url
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: streams[0])
    process.standardError = try FileHandle(forWritingTo: streams[1])
    var variables = ProcessInfo.processInfo.environment
    variables["VEMDB_DATABASE"] = nil
    process.environment = variables.merging(environment) { $1 }
    try process.run()
    process.waitUntilExit()
    return Outcome(
      exitCode: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
      standardOutput: try String(contentsOf: streams[0], encoding: .utf8),
      standardError: try String(contentsOf: streams[1], encoding: .utf8))
  }
}
