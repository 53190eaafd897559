// SPDX-License-Identifier: Apache-2.0

import Foundation
import Segmentation

/// What is known of each labelled block, kept in the run's folder so that a killed run goes on after its
/// last block.
struct SummaryFolder: Sendable {
  let path: String

  /// The folder of a run, made if need be.
  init(run: ActiveRun) throws {
    path = "\(run.folder)/blocks"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// What was kept of a block; `nil` if nothing was, or if it is damaged.
  func summary(ofBlock ordinal: Int) -> BlockSummary? {
    guard let data = FileManager.default.contents(atPath: file(ordinal)) else { return nil }
    return BlockSummary(bytes: [UInt8](data))
  }

  /// Keeps what is known of a block: all of it or, if a kill comes between, nothing.
  func keep(_ summary: BlockSummary, ofBlock ordinal: Int) throws {
    try Data(summary.bytes).write(to: URL(fileURLWithPath: file(ordinal)), options: .atomic)
  }

  /// Removes everything, which the result makes superfluous.
  func remove() throws { try FileManager.default.removeItem(atPath: path) }

  private func file(_ ordinal: Int) -> String { "\(path)/\(ordinal)" }
}
