// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData

/// Image and label files that tifffile and Pillow wrote, see `Python/make_sources.py`.
struct SourceFiles {
  private let folder = Result { () throws -> TemporaryFolder in
    let folder = try TemporaryFolder()
    let outcome = try ForeignProgram.python.run(ForeignProgram.script("make_sources.py"), folder.url.path)
    guard outcome.exitCode == 0 else { throw ForeignProgram.Failure(outcome: outcome) }
    return folder
  }

  /// A file or folder.
  func path(_ name: String) throws -> String { try folder.get()(name).path }

  /// The files of a folder of slices, in the order in which people count.
  func slices(_ name: String) throws -> [String] {
    let url = try folder.get()(name)
    return try FileManager.default.contentsOfDirectory(atPath: url.path)
      .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
      .map { url.appendingPathComponent($0).path }
  }
}
