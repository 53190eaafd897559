// SPDX-License-Identifier: Apache-2.0

import ImageFiles

/// What the catalog keeps of an ingest as its settings: enough to do it again.
struct IngestRecord: Codable, Sendable {
  let run: IngestRun

  /// The numbers in the names of the slices, so that labels can be placed by theirs.
  let numbering: SliceNumbering?

  /// The SHA-256 over names, sizes and hashes of all files.
  let filesHash: String
}
