// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// The entry point: parses, runs, and turns whatever went wrong into one sentence and an exit code.
@main
enum Program {
  static func main() {
    WaitPolicy.settle()
    do {
      var command = try VemdbCommand.parseAsRoot()
      try command.run()
    } catch {
      Foundation.exit(report(error))
    }
  }

  /// Prints `error` and gives the exit code: 0 done (help and version are errors to the parser), 1 failed,
  /// 2 wrong use.
  private static func report(_ error: any Error) -> Int32 {
    let code = VemdbCommand.exitCode(for: error)
    if code == .success {
      print(VemdbCommand.fullMessage(for: error))
      return 0
    }
    if error is ExitCode { return code.rawValue }
    let sentence = Complaint(about: error, isWrongUse: code == .validationFailure)
    StandardError.print("vemdb: \(sentence)")
    return sentence.exitCode
  }
}
