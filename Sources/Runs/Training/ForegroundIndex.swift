// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks

/// Where a class's voxels are that may be learned from, by the statistics of stored chunks.
struct ForegroundIndex: Sendable {
  /// The part of a chunk inside a training box, in voxels of the volume.
  private struct Piece {
    let box: Box
    /// The expected number of foreground voxels in this and all pieces before.
    let upTo: Double
  }

  private var pieces: [Piece] = []

  var isEmpty: Bool { pieces.isEmpty }

  /// Adds a chunk's part inside `box`, in which `voxels` of the class are expected.
  mutating func add(_ box: Box, voxels: Double) {
    guard voxels > 0, !box.isEmpty else { return }
    pieces.append(Piece(box: box, upTo: (pieces.last?.upTo ?? 0) + voxels))
  }

  /// A piece drawn by its number of foreground voxels.
  ///
  /// - Precondition: The index is not empty.
  func draw(_ random: inout SplitMix64) -> Box {
    let total = pieces.last?.upTo ?? 0
    let wanted = Double(random.next() >> 11) * 0x1p-53 * total
    var (low, high) = (0, pieces.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].upTo > wanted { high = middle } else { low = middle + 1 }
    }
    return pieces[low].box
  }
}

/// Boxes from which a voxel is drawn evenly.
struct BoxChoice: Sendable {
  let boxes: [Box]

  /// A position, each voxel of all boxes equally likely.
  ///
  /// - Precondition: There is a voxel.
  func draw(_ random: inout SplitMix64) -> [Int] {
    let total = boxes.reduce(0) { $0 + $1.count }
    var wanted = Int(random.next() % UInt64(max(1, total)))
    for box in boxes {
      if wanted >= box.count {
        wanted -= box.count
        continue
      }
      let strides = box.extent.strides
      return (0..<3).map { box.origin[$0] + wanted / strides[$0] % box.extent[$0] }
    }
    preconditionFailure("a voxel is drawn from boxes that have one")
  }
}
