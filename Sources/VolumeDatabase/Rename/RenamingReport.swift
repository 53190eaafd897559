// SPDX-License-Identifier: Apache-2.0

/// What a renaming did.
public struct RenamingReport: Hashable, Sendable {
  /// What it was called.
  public let old: String
  /// What it is called now.
  public let new: String
  /// Runs that were interrupted and whose settings name the old one: they can be resumed only under that.
  public let strandedRuns: [Int64]
}
