// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// A folder of its own that goes when the value goes.
public final class TemporaryFolder: Sendable {
  /// Where it is.
  public let url: URL

  /// Makes an empty folder among the temporary files.
  public init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("vemdb-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  /// A file or folder in it.
  public func callAsFunction(_ path: String) -> URL { url.appendingPathComponent(path) }

  deinit { try? FileManager.default.removeItem(at: url) }
}
