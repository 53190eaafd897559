// SPDX-License-Identifier: Apache-2.0

import Arrays

/// What must be fetched and decoded to read a box.
struct ReadPlan: Sendable {
  /// A chunk to decode, or the part of one.
  struct Piece: Sendable {
    /// The bytes of the chunk in its stored object.
    let bytes: Range<Int>
    /// What to decode, in positions of the chunk.
    let region: Box
    /// Where the region begins, in positions of the box that is read.
    let position: [Int]
  }

  /// Neighbouring chunks of one stored object, fetched at once.
  struct Run: Sendable {
    let key: String
    var bytes: Range<Int>
    var pieces: [Piece]
  }

  private(set) var runs: [Run] = []
  /// What no chunk is stored for, in positions of the box that is read.
  var absent: [Box] = []

  /// Joins the pieces of one object to runs.
  ///
  /// - Parameter runLimit: Where a run has this many bytes, the next begins.
  mutating func add(_ pieces: [Piece], of key: String, runLimit: Int) {
    for piece in pieces.sorted(by: { $0.bytes.lowerBound < $1.bytes.lowerBound }) {
      if let last = runs.last, last.key == key,
        piece.bytes.lowerBound <= last.bytes.upperBound + Self.gapLimit,
        piece.bytes.upperBound - last.bytes.lowerBound <= runLimit
      {
        let end = max(last.bytes.upperBound, piece.bytes.upperBound)
        runs[runs.count - 1].bytes = last.bytes.lowerBound..<end
        runs[runs.count - 1].pieces.append(piece)
      } else {
        runs.append(Run(key: key, bytes: piece.bytes, pieces: [piece]))
      }
    }
  }

  /// Bytes that are cheaper to read in vain than to ask twice.
  private static let gapLimit = 16 << 10
}
