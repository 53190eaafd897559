// SPDX-License-Identifier: Apache-2.0

/// What the catalog keeps of an ingest as its settings: enough to do it again.
struct IngestRecord: Codable, Sendable {
  let run: IngestRun

  /// What the numbers in the names of the slices mean, so that labels can be placed by theirs.
  let numbering: Numbering?

  /// The SHA-256 over names, sizes and hashes of all files.
  let filesHash: String

  /// Whether the address had a signature, which is not recorded.
  let isSigned: Bool?

  /// The number of the slice at position 0, and the numbers from one position to the next.
  struct Numbering: Codable, Sendable {
    let first: Int
    let step: Int

    /// Each slice lies at its number.
    static let literal = Numbering(first: 0, step: 1)
  }
}
