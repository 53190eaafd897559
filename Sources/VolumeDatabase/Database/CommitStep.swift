// SPDX-License-Identifier: Apache-2.0

/// Where a commit or a renaming has come to; what is done at each step is durable.
enum CommitStep: Hashable, Sendable {
  /// The version has its number and its staging folder.
  case reserved
  /// All levels are written, nothing is durable yet.
  case written
  /// The shards and `zarr.json` are durable, the catalog knows of the shards.
  case synchronised
  /// The catalog says that all versions are complete.
  case sealed
  /// The manifest of a version is in its place, its folder is not.
  case listed(String)
  /// A version's folder is in its place.
  case moved(String)
  /// The catalog says that all versions are committed.
  case committed
  /// It is said that something is being renamed.
  case renaming
  /// Its folder and the catalog have the new name, files may tell the old one.
  case named
}
