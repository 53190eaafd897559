// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// What a person reads when something went wrong: one sentence on one line.
struct Complaint: CustomStringConvertible {
  let description: String
  /// 1 where the work failed, 2 where the program was used wrongly.
  let exitCode: Int32

  init(about error: any Error, isWrongUse: Bool) {
    let words = Self.oneLine(VemdbCommand.message(for: error))
    if isWrongUse, let command = Self.command(for: error) {
      description = "\(words) (see `\(command) --help`)"
    } else {
      description = words
    }
    exitCode = isWrongUse ? 2 : 1
  }

  /// The command that was used wrongly, taken from the last line of the parser's message:
  /// "See 'vemdb init --help' for more information."
  private static func command(for error: any Error) -> String? {
    let message = VemdbCommand.fullMessage(for: error)
    guard let start = message.range(of: "See '", options: .backwards),
      let end = message.range(of: " --help'", range: start.upperBound..<message.endIndex)
    else { return nil }
    return String(message[start.upperBound..<end.lowerBound])
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: { $0.isWhitespace }).joined(separator: " ")
  }
}
