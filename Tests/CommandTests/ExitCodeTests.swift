// SPDX-License-Identifier: Apache-2.0

import TestData
import Testing

@Suite("Exit codes")
struct ExitCodeTests {
  let vemdb = VemdbProgram()

  @Test("help and version are successes on standard output", arguments: ["--help", "--version"])
  func success(option: String) throws {
    let outcome = try vemdb(option)
    #expect(outcome.exitCode == 0)
    #expect(!outcome.standardOutput.isEmpty)
    #expect(outcome.standardError.isEmpty)
  }

  @Test(
    "wrong use is 2 and one sentence on standard error", arguments: ["--no-such-option", "no-such-command"])
  func wrongUse(argument: String) throws {
    let outcome = try vemdb(argument)
    #expect(outcome.exitCode == 2)
    #expect(outcome.standardOutput.isEmpty)
    #expect(outcome.standardError.hasPrefix("vemdb: "))
    #expect(outcome.standardError.split(separator: "\n").count == 1)
  }
}
