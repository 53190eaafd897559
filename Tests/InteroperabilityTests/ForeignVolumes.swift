// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData

/// Zarr volumes that zarr-python wrote, see `Python/make_zarrs.py`.
struct ForeignVolumes {
  private let made = Result { () throws -> TemporaryFolder in
    let folder = try TemporaryFolder()
    let outcome = try ForeignProgram.python.run(ForeignProgram.script("make_zarrs.py"), folder.url.path)
    guard outcome.exitCode == 0 else { throw ForeignProgram.Failure(outcome: outcome) }
    return folder
  }

  /// The folder of all.
  var folder: URL { get throws { try made.get().url } }

  /// The group or array of a name.
  func path(_ name: String) throws -> String { try folder.appendingPathComponent(name).path }
}
