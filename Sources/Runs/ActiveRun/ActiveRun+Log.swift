// SPDX-License-Identifier: Apache-2.0

import Catalog
import Foundation

extension ActiveRun {
  /// Adds a line to the run's `log.jsonl`: what happened, when, and facts about it.
  ///
  /// A log that cannot be written is no reason to lose the work it tells of.
  public func log(_ event: String, _ facts: [String: String] = [:]) {
    let line = facts.merging(["event": event, "time": Timestamp.now.rawValue]) { $1 }
    guard let text = try? line.jsonObject() else { return }
    let path = "\(folder)/log.jsonl"
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    guard let file = FileHandle(forWritingAtPath: path) else { return }
    _ = try? file.seekToEnd()
    try? file.write(contentsOf: Data((text + "\n").utf8))
    try? file.close()
  }
}
