// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// What one call of a program did.
public struct ProgramOutcome: Sendable, CustomStringConvertible {
  /// The exit code; the number of the signal, negative, where one ended the program.
  public let exitCode: Int32
  /// All that it printed as its result.
  public let standardOutput: String
  /// All that it complained about.
  public let standardError: String

  /// Runs a program to its end.
  ///
  /// - Parameter environment: Variables beyond those of the tests themselves.
  public init(
    of program: URL, _ arguments: [String], environment: [String: String] = [:], in folder: URL? = nil
  ) throws {
    let scratch = try TemporaryFolder()
    // Files instead of pipes: nothing can fill up, and nothing has to be read at the same time.
    let streams = ["out", "err"].map { scratch.url.appendingPathComponent($0) }
    for stream in streams { try Data().write(to: stream) }

    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder ?? FileManager.default.temporaryDirectory
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: streams[0])
    process.standardError = try FileHandle(forWritingTo: streams[1])
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    try process.run()
    process.waitUntilExit()
    exitCode =
      process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    standardOutput = String(decoding: try Data(contentsOf: streams[0]), as: UTF8.self)
    standardError = String(decoding: try Data(contentsOf: streams[1]), as: UTF8.self)
  }

  public var description: String {
    "exit \(exitCode)\n\(standardOutput)\(standardError)"
  }
}
