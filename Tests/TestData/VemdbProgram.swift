// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// The built program, run as a person runs it.
public struct VemdbProgram: Sendable {
  /// The program, which lies beside the program that runs the tests.
  public static let url: URL = {
    let tests = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    return tests.resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("vemdb")
  }()

  /// Variables beyond those of the tests themselves.
  public var environment: [String: String]

  /// The program; with a `database`, every call is about that one.
  public init(database: URL? = nil) {
    environment = ["VEMDB_DATABASE": database?.path ?? ""]
  }

  /// Runs `vemdb` with `arguments` to its end, in `folder` (default: the one for temporary files).
  @discardableResult
  public func callAsFunction(_ arguments: String..., in folder: URL? = nil) throws -> ProgramOutcome {
    try run(arguments, in: folder)
  }

  /// Runs `vemdb` with `arguments` to its end, in `folder` (default: the one for temporary files).
  @discardableResult
  public func run(_ arguments: [String], in folder: URL? = nil) throws -> ProgramOutcome {
    try ProgramOutcome(of: Self.url, arguments, environment: environment, in: folder)
  }

  /// Starts `vemdb` with `arguments`, says nothing, and leaves it running.
  public func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = Self.url
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }
}
