// SPDX-License-Identifier: Apache-2.0

/// A name for a version, which can be moved to another version of its volume.
public struct TagRecord: Hashable, Sendable {
  /// Unique in the volume without regard to case.
  public let name: String
  /// The name that holds everywhere.
  public let uuid: String
  /// The version, by its key.
  public let versionID: Int64
  /// When it was set.
  public let createdAt: Timestamp
}
