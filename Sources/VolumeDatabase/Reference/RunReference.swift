// SPDX-License-Identifier: Apache-2.0

/// Which run: its number, or `run:12` where a reference could be something else.
public struct RunReference: Hashable, Sendable {
  /// The run's number, from 1.
  public let number: Int

  /// - Precondition: `number` is positive.
  public init(number: Int) {
    precondition(number > 0, "runs are numbered from 1")
    self.number = number
  }

  /// Reads `12` or `run:12`.
  ///
  /// - Throws: ``DatabaseError/badReference(_:expected:)``.
  public init(parsing text: String) throws(DatabaseError) {
    let bare = text.hasPrefix("run:") ? String(text.dropFirst(4)) : text
    guard let number = positiveNumber(bare) else {
      throw .badReference(text, expected: "the number of a run, as in run:12")
    }
    self.number = number
  }
}

extension RunReference: CustomStringConvertible {
  public var description: String { "run:\(number)" }
}
