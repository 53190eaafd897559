// SPDX-License-Identifier: Apache-2.0

/// What a repair did, and what it could not do.
public struct RepairReport: Hashable, Sendable {
  /// One thing that was entered, written or left.
  public struct Entry: Hashable, Sendable {
    /// What it is about: a reference, or a path under the database's folder.
    public let what: String
    /// What was done, or why nothing could be.
    public let action: String
    /// Whether it is in order now.
    public let isDone: Bool
  }

  /// In the order they were come upon.
  public internal(set) var entries: [Entry] = []

  /// Whether everything that was wrong is in order now.
  public var isComplete: Bool { entries.allSatisfy(\.isDone) }

  mutating func did(_ what: String, _ action: String) {
    entries.append(Entry(what: what, action: action, isDone: true))
  }

  mutating func cannot(_ what: String, _ reason: String) {
    entries.append(Entry(what: what, action: reason, isDone: false))
  }
}
