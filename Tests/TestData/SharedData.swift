// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// Real data and right values from other programs, kept beside the project and not in it, because
/// their licences differ.
public enum SharedData {
  /// The folder, or `nil` where there is none: `$VEMDB_SHARED`, else `../shared` from the project's root.
  public static let folder: URL? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let named = ProcessInfo.processInfo.environment["VEMDB_SHARED"].map { URL(fileURLWithPath: $0) }
    let url = named ?? root.deletingLastPathComponent().appendingPathComponent("shared")
    return FileManager.default.fileExists(atPath: url.appendingPathComponent("data").path) ? url : nil
  }()

  /// Whether the folder is there.
  public static var isPresent: Bool { folder != nil }

  /// Why a test is skipped.
  public static let absence: String = "no shared test data beside the project (../shared or $VEMDB_SHARED)"

  /// A file in the folder, by its path from there, as in `data/oracles/metrics/expected.json`.
  public static func url(_ path: String) -> URL {
    (folder ?? URL(fileURLWithPath: "/nonexistent")).appendingPathComponent(path)
  }

  /// The path of a file in the folder.
  public static func path(_ path: String) -> String { url(path).path }
}
