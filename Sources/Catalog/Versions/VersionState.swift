// SPDX-License-Identifier: Apache-2.0

/// How far a version has come.
public enum VersionState: String, CaseIterable, Codable, Sendable {
  /// Being written.
  case staging
  /// Complete and safe on disk, about to be moved into its place; recovery goes forward from here.
  case sealed
  /// In its place, and never changed again.
  case committed
  /// Committed once, and taken out of sight.
  case retired
}
