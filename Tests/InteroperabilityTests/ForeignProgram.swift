// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData

/// Somebody else's program, named by a variable that `make test` sets.
enum ForeignProgram: String {
  case python = "VEMDB_PYTHON"
  case omeZarrModels = "VEMDB_OME_ZARR_MODELS"
  case yaozarrs = "VEMDB_YAOZARRS"

  /// Where the program is; `nil` where nobody says.
  var url: URL? {
    ProcessInfo.processInfo.environment[rawValue].map { URL(fileURLWithPath: $0) }
  }

  static let arePresent = [ForeignProgram.python, .omeZarrModels, .yaozarrs].allSatisfy { $0.url != nil }
  static let absence = "no Python environments: run `make test`, or set VEMDB_PYTHON and its like"

  func run(_ arguments: String...) throws -> ProgramOutcome {
    try run(arguments)
  }

  func run(_ arguments: [String]) throws -> ProgramOutcome {
    try ProgramOutcome(of: url ?? URL(fileURLWithPath: "/nonexistent"), arguments)
  }

  /// Shape, type and hash of voxels, as `Python/digest.py` prints them.
  static func digest(_ arguments: String...) throws -> String {
    let outcome = try python.run([script("digest.py")] + arguments)
    guard outcome.exitCode == 0 else { throw Failure(outcome: outcome) }
    return outcome.standardOutput
  }

  /// A script in `Python/`.
  static func script(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Python").appendingPathComponent(name).path
  }

  struct Failure: Error, CustomStringConvertible {
    let outcome: ProgramOutcome
    var description: String { outcome.description }
  }
}
