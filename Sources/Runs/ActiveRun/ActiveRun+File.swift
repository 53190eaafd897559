// SPDX-License-Identifier: Apache-2.0

import Catalog
import Foundation

extension ActiveRun {
  /// Writes `run.json`: what the catalog knows of the run, so that a lost catalog can be rebuilt.
  func writeFile() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let file = try RunFile(run: try catalog.run(id), in: catalog)
    try encoder.encode(file).write(to: URL(fileURLWithPath: "\(folder)/run.json"), options: .atomic)
  }
}
